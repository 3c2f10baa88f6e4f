import { Readable } from 'node:stream';
import type { BlobPlace } from './read-blob.js';
import { OciError } from './oci-error.js';
import type { RegistryResponse, RegistryTransport } from './registry-transport.js';
import { headerOf } from './response-header.js';
import { repositoryScope } from './token-scopes.js';
import { StreamSlices } from './stream-slices.js';
import type { UploadSizes } from './upload-limits.js';
import { cancelUpload, sessionAddress } from './upload-session.js';

/** A registry that wants larger chunks than this does not get them. */
const maxChunkBytes = 1024 * 1024 * 1024;

export interface BlobToUpload extends BlobPlace {
  source: Readable | Buffer;
  sizes: UploadSizes;
}

/**
 * Uploads a blob. The registry checks the digest; a source that is a stream is expected to check itself
 * (as the one of `RegistryClient.blob` does) and its error comes out of here.
 *
 * The source is used up or destroyed in every case, and an upload that fails is cancelled.
 */
export async function uploadBlob(transport: RegistryTransport, blob: BlobToUpload): Promise<void> {
  const { repository, source } = blob;
  const scopes = [repositoryScope(repository, 'pull', 'push')];
  let session: URL | undefined;
  let { size: bodyBytes } = blob.descriptor;
  // The source may break before anything reads it: `finish` looks for that.
  if (source instanceof Readable) source.on('error', () => undefined);
  try {
    const opened = await openSession(transport, blob, scopes);
    session = sessionAddress(opened);
    bodyBytes = bodyBytesOf(opened, blob);
    const upload = { transport, blob, scopes, bodyBytes };
    if (blob.descriptor.size <= bodyBytes) await finish(upload, session, source);
    else await uploadInChunks(upload, session);
  } catch (error) {
    if (source instanceof Readable) source.destroy();
    if (session !== undefined) await cancelUpload(transport, session, scopes);
    throw refusedBlob(error, { blob, bodyBytes });
  }
}

interface Upload {
  transport: RegistryTransport;
  blob: BlobToUpload;
  scopes: readonly string[];
  bodyBytes: number;
}

async function openSession(
  transport: RegistryTransport,
  { repository, signal }: BlobToUpload,
  scopes: readonly string[],
): Promise<RegistryResponse> {
  const response = await transport.send({
    operation: 'upload-blob',
    method: 'POST',
    path: `/v2/${repository}/blobs/uploads/`,
    scopes,
    headers: { 'content-length': '0' },
    // A session that nobody uses is forgotten by the registry.
    repeatable: true,
    expect: [202],
    signal,
  });
  await response.body.dump();
  return response;
}

async function uploadInChunks(upload: Upload, opened: URL): Promise<void> {
  const { transport, blob, scopes, bodyBytes } = upload;
  const { size } = blob.descriptor;
  const slice = slicesOf(blob.source);
  let session = opened;
  for (let sent = 0; sent < size; sent += bodyBytes) {
    const length = Math.min(bodyBytes, size - sent);
    const response = await transport.send({
      operation: 'upload-blob',
      method: 'PATCH',
      path: session,
      scopes,
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(length),
        // Without "bytes ", unlike HTTP's own header (distribution-spec, "Pushing a blob in chunks").
        'content-range': `${sent}-${sent + length - 1}`,
      },
      body: slice(sent, length),
      expect: [202],
      signal: blob.signal,
    });
    await response.body.dump();
    session = sessionAddress(response);
  }
  await finish(upload, session, Buffer.alloc(0));
}

function slicesOf(source: Readable | Buffer): (from: number, bytes: number) => Readable | Buffer {
  if (Buffer.isBuffer(source)) return (from, bytes) => source.subarray(from, from + bytes);
  const slices = new StreamSlices(source);
  return (_, bytes) => slices.next(bytes);
}

/** The PUT that closes the session: with the whole blob, or with nothing after chunks. */
async function finish(upload: Upload, session: URL, body: Readable | Buffer): Promise<void> {
  const { transport, blob, scopes } = upload;
  if (body instanceof Readable && body.errored !== null) throw body.errored;
  const url = new URL(session);
  url.searchParams.set('digest', blob.descriptor.digest);
  const length = Buffer.isBuffer(body) ? body.length : blob.descriptor.size;
  const response = await transport.send({
    operation: 'upload-blob',
    method: 'PUT',
    path: url,
    scopes,
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(length) },
    body,
    expect: [200, 201, 204],
    signal: blob.signal,
  });
  await response.body.dump();
}

function bodyBytesOf(opened: RegistryResponse, { descriptor, sizes }: BlobToUpload): number {
  const wanted = Number(headerOf(opened, 'oci-chunk-min-length') ?? 0);
  const atLeast = Number.isSafeInteger(wanted) ? Math.min(wanted, maxChunkBytes) : 0;
  return sizes.bodyBytes(descriptor.size, atLeast);
}

function refusedBlob(error: unknown, { blob, bodyBytes }: Pick<Upload, 'blob' | 'bodyBytes'>): unknown {
  const { descriptor, sizes } = blob;
  if (!(error instanceof OciError) || error.operation !== 'upload-blob') return error;
  if (error.status === 413 && sizes.refused(bodyBytes)) return tooLargeAtOnce(error);
  if (!error.registryCodes.some((code) => code === 'DIGEST_INVALID' || code === 'SIZE_INVALID')) return error;
  return error.meaning(
    'digest-mismatch',
    `What was uploaded as ${descriptor.digest} is something else: ${error.message}`,
  );
}

/** The same blob may be sent again: it goes in smaller pieces then. */
function tooLargeAtOnce(error: OciError): OciError {
  const { message, code, operation, status, registryCodes } = error;
  return new OciError(message, { code, operation, status, registryCodes, retryable: true, cause: error });
}
