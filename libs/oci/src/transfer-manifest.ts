import { type Digest, digestAlgorithm, digestOf, type RepositoryName, type Tag } from '@pratique/contracts';
import type { Descriptor } from './descriptor.js';
import { type Manifest, maxManifestBytes, readManifest, requireSameBytes } from './manifest.js';
import { acceptedManifests, bareMediaType } from './media-types.js';
import { OciError } from './oci-error.js';
import type { RegistryRequest, RegistryResponse, RegistryTransport } from './registry-transport.js';
import { asDigest, digestHeader, headerOf } from './response-header.js';
import { repositoryScope } from './token-scopes.js';

export type Reference = Tag | Digest;

/** Where a manifest is. */
export interface ManifestPlace {
  repository: RepositoryName;
  reference: Reference;
  signal?: AbortSignal | undefined;
}

/**
 * What a reference names now, without its bytes: HEAD, and GET where a registry's HEAD does not say enough.
 *
 * @returns undefined when there is nothing
 */
export async function resolveManifest(
  transport: RegistryTransport,
  place: ManifestPlace,
): Promise<Descriptor | undefined> {
  const response = await transport.send(question({ ...place, method: 'HEAD', expect: [200, 403, 404] }));
  await response.body.dump();
  if (response.status === 404) return undefined;
  // An answer to HEAD has no body: the GET says why (ACR: because the image is quarantined).
  if (response.status === 403) return (await getManifest(transport, place)).descriptor;
  const digest = digestHeader(response);
  const size = Number(headerOf(response, 'content-length') ?? Number.NaN);
  const mediaType = bareMediaType(headerOf(response, 'content-type') ?? '');
  if (digest === undefined || !Number.isSafeInteger(size) || mediaType === '') {
    return (await getManifest(transport, place)).descriptor;
  }
  requireAsked(place.reference, digest);
  return { mediaType, digest, size };
}

/**
 * A manifest with its bytes as stored, checked against the digest that was asked for and the one that the registry
 * names.
 *
 * @throws OciError `not-found`, `digest-mismatch`, `unsupported-manifest`, `limit-exceeded` above 4 MiB …
 */
export async function getManifest(transport: RegistryTransport, place: ManifestPlace): Promise<Manifest> {
  const request = question({ ...place, method: 'GET', expect: [200] });
  const { response, bytes } = await transport.read(request, maxManifestBytes);
  const asked = asDigest(place.reference);
  const named = digestHeader(response);
  if (asked !== undefined) requireSameBytes(bytes, { digest: asked });
  if (named !== undefined) requireSameBytes(bytes, { digest: named });
  return readManifest(bytes, headerOf(response, 'content-type'), asked ?? named);
}

export interface ManifestToPut extends ManifestPlace {
  /** Sent as they are. */
  bytes: Buffer;
  mediaType: string;
}

export interface PutManifestResult {
  digest: Digest;
  /** Whether the registry has listed the manifest under its subject (`OCI-Subject`). If not, the pusher has to. */
  subjectProcessed: boolean;
}

/**
 * Stores a manifest under a tag or its digest.
 *
 * @throws OciError `tag-locked`, `manifest-blob-unknown`, `digest-mismatch` when the registry computed another digest
 */
export async function putManifest(
  transport: RegistryTransport,
  { bytes, mediaType, ...place }: ManifestToPut,
): Promise<PutManifestResult> {
  const response = await sendManifest(transport, { bytes, mediaType, ...place });
  await response.body.dump();
  const named = digestHeader(response);
  const digest = digestOf(bytes, digestAlgorithm(asDigest(place.reference) ?? named ?? digestOf(bytes)));
  if (named !== undefined && named !== digest) {
    throw new OciError(`The registry stored the manifest ${digest} as ${named}; remove it there.`, {
      code: 'digest-mismatch',
      operation: 'put-manifest',
    });
  }
  return { digest, subjectProcessed: headerOf(response, 'oci-subject') !== undefined };
}

/**
 * Deletes a manifest by digest, or unties a tag.
 *
 * @returns false when there was nothing
 * @throws OciError `tag-locked` when it is locked
 */
export async function deleteManifest(transport: RegistryTransport, place: ManifestPlace): Promise<boolean> {
  const { repository, reference, signal } = place;
  try {
    const response = await transport.send({
      operation: 'delete-manifest',
      method: 'DELETE',
      path: `/v2/${repository}/manifests/${reference}`,
      scopes: [repositoryScope(repository, 'delete')],
      expect: [200, 202, 404],
      signal,
    });
    await response.body.dump();
    return response.status !== 404;
  } catch (error) {
    throw error instanceof OciError ? refusedDeletion(error, reference) : error;
  }
}

/** ACR's answer about what is locked: https://github.com/Azure/acr-cli/issues/70 */
function refusedDeletion(error: OciError, reference: Reference): OciError {
  if (!error.registryCodes.some((code) => /DISALLOWED/.test(code))) return error;
  return error.meaning('tag-locked', `${reference} is locked: ${error.message}`);
}

function question({
  repository,
  reference,
  ...rest
}: ManifestPlace & Pick<RegistryRequest, 'method' | 'expect'>): RegistryRequest {
  return {
    operation: 'get-manifest',
    path: `/v2/${repository}/manifests/${reference}`,
    scopes: [repositoryScope(repository, 'pull')],
    headers: { accept: acceptedManifests },
    ...rest,
  };
}

async function sendManifest(
  transport: RegistryTransport,
  manifest: ManifestToPut,
): Promise<RegistryResponse> {
  const { repository, reference, bytes, mediaType, signal } = manifest;
  try {
    return await transport.send({
      operation: 'put-manifest',
      method: 'PUT',
      path: `/v2/${repository}/manifests/${reference}`,
      scopes: [repositoryScope(repository, 'pull', 'push')],
      headers: { 'content-type': mediaType, 'content-length': String(bytes.length) },
      body: bytes,
      expect: [200, 201, 202],
      signal,
    });
  } catch (error) {
    throw error instanceof OciError ? refusedManifest(error, manifest) : error;
  }
}

/** Registries that know immutable tags have no common answer: Harbor 412, ACR's lock 405, others 409. */
const lockedTagStatuses = [405, 409, 412];
const missingPartCodes = ['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN', 'MANIFEST_UNKNOWN'];

function refusedManifest(error: OciError, { reference }: ManifestToPut): OciError {
  const { registryCodes, status = 0 } = error;
  if (missingPartCodes.some((code) => registryCodes.includes(code))) {
    return error.meaning('manifest-blob-unknown', error.message);
  }
  if (asDigest(reference) === undefined && lockedTagStatuses.includes(status)) {
    return error.meaning('tag-locked', `The tag ${reference} may not be moved: ${error.message}`);
  }
  return error;
}

function requireAsked(reference: Reference, digest: Digest): void {
  const asked = asDigest(reference);
  if (asked === undefined || asked === digest) return;
  throw new OciError(`The registry answered with ${digest} where ${asked} was asked for.`, {
    code: 'digest-mismatch',
    operation: 'get-manifest',
  });
}
