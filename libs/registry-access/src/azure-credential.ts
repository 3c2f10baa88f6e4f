import {
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';

/** Which identity a registry's credentials name: of the pod, of the machine, or whatever the Azure SDK finds. */
export type AzureIdentity = 'workload' | 'managed' | 'default';

/** The credential of an identity. Nothing is asked for before the first token is needed. */
export function azureCredential(identity: AzureIdentity): TokenCredential {
  switch (identity) {
    case 'workload':
      return new WorkloadIdentityCredential();
    case 'managed':
      return new ManagedIdentityCredential();
    case 'default':
      return new DefaultAzureCredential();
    default:
      return identity satisfies never;
  }
}
