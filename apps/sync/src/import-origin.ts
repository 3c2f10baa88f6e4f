import type { ImportSource } from '@pratique/acr';
import { isAzureRegistry, type RegistrySettings } from '@pratique/registries';

/** Whether a registry can be told to fetch images itself. */
export function canImport(target: RegistrySettings): boolean {
  if (!isAzureRegistry(target) || target.resourceId === undefined) return false;
  return target.credentials !== undefined && 'identity' in target.credentials;
}

/**
 * How an importing registry reads from a source; nothing when it could not. A source that is reached with an identity is
 * read by resource id, as the identity of the importer: a token of the source would have to be handed over otherwise.
 */
export function importOrigin(source: RegistrySettings): ImportSource | undefined {
  const { credentials, host } = source;
  if (credentials === undefined) return { registryUri: host };
  if ('username' in credentials) {
    const { username, password } = credentials;
    return { registryUri: host, credentials: { username, password: password.reveal() } };
  }
  return isAzureRegistry(source) && source.resourceId !== undefined
    ? { resourceId: source.resourceId }
    : undefined;
}
