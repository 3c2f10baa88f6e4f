import type { Reply } from '../http/exchange.js';
import { requireDigest } from '../registry/image-names.js';
import { RegistryError } from '../registry/registry-error.js';
import { needs, type RegistryRequest, type RegistryRoute } from '../registry/registry-route.js';
import { requestedRange } from './byte-range.js';

const pattern = /^\/v2\/(?<repository>.+)\/blobs\/(?<digest>[^/]+)$/;

/**
 * Reading and deleting blobs. Azure answers a GET with a redirect to storage; here the bytes come at once. Blobs of
 * quarantined images are readable: quarantine belongs to the manifest (belief, Azure does not document it).
 */
export const blobRoutes: readonly RegistryRoute[] = [
  { methods: ['GET', 'HEAD'], pattern, access: needs('pull'), handle: readBlob },
  { methods: ['DELETE'], pattern, access: needs('delete'), handle: deleteBlob },
];

async function readBlob(request: RegistryRequest): Promise<Reply> {
  const { registry, exchange } = request;
  const digest = knownBlob(request);
  const size = await registry.content.size(digest);
  if (size === undefined) throw unknownBlob(digest);
  const headers = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    etag: `"${digest}"`,
  };
  if (exchange.method === 'HEAD')
    return { status: 200, headers: { ...headers, 'content-length': `${size}` } };
  const range = requestedRange(exchange.headers.range, size);
  if (range === undefined) {
    return {
      status: 200,
      headers: { ...headers, 'content-length': `${size}` },
      body: registry.content.open(digest),
    };
  }
  if (range === 'unsatisfiable') {
    const refusal = { headers: { 'content-range': `bytes */${size}` } };
    throw new RegistryError('RANGE_INVALID', `The blob has ${size} bytes.`, refusal);
  }
  const part = {
    'content-range': `bytes ${range.start}-${range.end}/${size}`,
    'content-length': `${range.end - range.start + 1}`,
  };
  return { status: 206, headers: { ...headers, ...part }, body: registry.content.open(digest, range) };
}

/** Takes the blob out of the repository. Its bytes stay until the next start, for other repositories may hold them. */
async function deleteBlob(request: RegistryRequest): Promise<Reply> {
  const digest = knownBlob(request);
  await request.registry.repositories.removeBlob(request.parameters.get('repository'), digest);
  return { status: 202 };
}

function knownBlob({ registry, parameters }: RegistryRequest): string {
  const digest = requireDigest(parameters.get('digest'));
  if (!registry.repositories.hasBlob(parameters.get('repository'), digest)) throw unknownBlob(digest);
  return digest;
}

function unknownBlob(digest: string): RegistryError {
  return new RegistryError('BLOB_UNKNOWN', 'The blob is not in this repository.', { detail: { digest } });
}
