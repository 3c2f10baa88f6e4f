import {
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';
import type { AzureIdentity } from '@pratique/config';

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
