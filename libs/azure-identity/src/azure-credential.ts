import {
  CredentialUnavailableError,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';
import { type AzureIdentity, SetupError } from '@pratique/config';

/**
 * The credential of an identity. Nothing is asked for before the first token is needed.
 *
 * @throws SetupError where the identity cannot exist: outside of a pod that has one
 */
export function azureCredential(identity: AzureIdentity): TokenCredential {
  try {
    return createCredential(identity);
  } catch (cause) {
    if (!(cause instanceof CredentialUnavailableError)) throw cause;
    const message =
      `The identity "${identity}" is not available here: AKS gives it to pods of a service account with workload ` +
      'identity. Elsewhere write { identity: managed } or, on a laptop, { identity: default }.';
    throw new SetupError(message, { cause });
  }
}

function createCredential(identity: AzureIdentity): TokenCredential {
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
