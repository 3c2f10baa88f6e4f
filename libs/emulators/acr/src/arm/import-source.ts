import { type AccessControl, callerFor } from '../auth/access-control.js';
import type { Caller } from '../auth/caller.js';
import type { Identity } from '../auth/identity.js';
import { maySee } from '../quarantine/quarantine-rules.js';
import type { Registry } from '../registry/registry.js';
import { ArmError } from './arm-error.js';
import type { ImportCredentials, ImportRequest } from './import-request.js';

/** A registry to import from, and what the import may do there; no caller when the credentials were wrong. */
export interface ImportSource {
  readonly registry: Registry;
  readonly caller: Caller | undefined;
}

/** Who asks for the import, and which registries there are: no other host is ever contacted. */
export interface ImportWorld {
  readonly objectId: string;
  registryByResourceId(resourceId: string): Registry | undefined;
  registryByHost(host: string): Registry | undefined;
}

/**
 * Finds the source before the import is accepted. By resource id the caller's own Entra identity reads, and must be
 * allowed to (a linked scope, so the refusal comes at once); by host the given credentials do.
 */
export function findSource(world: ImportWorld, request: ImportRequest): ImportSource | undefined {
  const { origin } = request;
  if ('registryUri' in origin) {
    const registry = world.registryByHost(origin.registryUri);
    if (registry === undefined) return undefined;
    return { registry, caller: callerByCredentials(registry.access, origin.credentials) };
  }
  const registry = world.registryByResourceId(origin.resourceId);
  if (registry === undefined) {
    throw new ArmError('ResourceNotFound', `The source registry ${origin.resourceId} was not found.`);
  }
  const caller = asCaller(registry.access.byObjectId(world.objectId));
  if (caller?.may(request.repository, 'pull') !== true) {
    const message = `The client '${world.objectId}' has no permission to read the linked scope ${origin.resourceId}.`;
    throw new ArmError('AuthorizationFailed', message);
  }
  return { registry, caller };
}

/** Nothing is anonymous pull; a password without user name is an Entra access token or a token of the source. */
function callerByCredentials(
  access: AccessControl,
  credentials: ImportCredentials | undefined,
): Caller | undefined {
  if (credentials === undefined) return asCaller(access.anonymous());
  const { username = '', password } = credentials;
  if (username !== '') return asCaller(access.byPassword({ username, password }));
  const identity = access.byEntraToken(password) ?? access.byRefreshToken(password);
  return asCaller(identity) ?? access.callerOf(`Bearer ${password}`);
}

function asCaller(identity: Identity | undefined): Caller | undefined {
  return identity === undefined ? undefined : callerFor(identity);
}

/**
 * The manifest to import, as the source would serve it. These failures come as the result of the operation: Azure
 * accepts the import first (azure-cli issues 23142 and 29974; the exact codes are our belief).
 */
export function resolveSource(
  source: ImportSource | undefined,
  request: ImportRequest,
): { readonly source: Registry; readonly digest: string } {
  const { repository, reference } = request;
  if (source === undefined) {
    throw new ArmError('InvalidParameters', 'Error copying blobs. The source registry cannot be reached.');
  }
  const { registry, caller } = source;
  if (caller?.may(repository, 'pull') !== true) {
    const message = `Error copying blobs. unauthorized: authentication required for ${repository} at the source.`;
    throw new ArmError('InvalidParameters', message);
  }
  const manifest = registry.repositories.resolve(repository, reference);
  if (manifest !== undefined && maySee(registry, caller, { repository, manifest })) {
    return { source: registry, digest: manifest.digest };
  }
  const message = `manifest unknown: ${repository} has no ${reference} at the source.`;
  throw new ArmError('ResourceNotFound', message);
}
