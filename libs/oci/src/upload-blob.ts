import { Readable } from 'node:stream';
import type { BlobPlace } from './read-blob.js';
import { chunksOf } from './chunks-of.js';
import { OciError } from './oci-error.js';
import type { RegistryResponse, RegistryTransport } from './registry-transport.js';
import { headerOf } from './response-header.js';
import { repositoryScope } from './token-scopes.js';
import { cancelUpload, sessionAddress } from './upload-session.js';

export interface UploadLimits {
  /**
   * Bytes up to which a blob goes in one PUT. Larger ones go in chunks. GHCR corrupts chunked uploads and Google does
   * not support them, so the default is one PUT for everything; ACR has answered 413 above some 20 MB
   * (https://github.com/goharbor/harbor/pull/23016).
   */
  monolithicBytes: number;
  /** Bytes of one chunk; each is held in memory. */
  chunkBytes: number;
}

export const defaultUploadLimits: UploadLimits = {
  monolithicBytes: Number.POSITIVE_INFINITY,
  chunkBytes: 8 * 1024 * 1024,
};

/** A registry that wants larger chunks than this does not get them: they are held in memory. */
const maxChunkBytes = 64 * 1024 * 1024;

export interface BlobToUpload extends BlobPlace {
  source: Readable | Buffer;
  limits: UploadLimits;
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
  // The source may break before anything reads it: `finish` looks for that.
  if (source instanceof Readable) source.on('error', () => undefined);
  try {
    const opened = await openSession(transport, blob, scopes);
    session = sessionAddress(opened);
    const upload = { transport, blob, scopes };
    if (blob.descriptor.size <= blob.limits.monolithicBytes) await finish(upload, session, source);
    else await uploadInChunks(upload, session, chunkSize(opened, blob.limits));
  } catch (error) {
    if (source instanceof Readable) source.destroy();
    if (session !== undefined) await cancelUpload(transport, session, scopes);
    throw refusedBlob(error, blob);
  }
}

interface Upload {
  transport: RegistryTransport;
  blob: BlobToUpload;
  scopes: readonly string[];
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
    expect: [202],
    signal,
  });
  await response.body.dump();
  return response;
}

async function uploadInChunks(upload: Upload, opened: URL, chunkBytes: number): Promise<void> {
  const { transport, blob, scopes } = upload;
  let session = opened;
  let sent = 0;
  for await (const chunk of chunksOf(blob.source, chunkBytes)) {
    const response = await transport.send({
      operation: 'upload-blob',
      method: 'PATCH',
      path: session,
      scopes,
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(chunk.length),
        // Without "bytes ", unlike HTTP's own header (distribution-spec, "Pushing a blob in chunks").
        'content-range': `${sent}-${sent + chunk.length - 1}`,
      },
      body: chunk,
      expect: [202],
      signal: blob.signal,
    });
    await response.body.dump();
    session = sessionAddress(response);
    sent += chunk.length;
  }
  await finish(upload, session, Buffer.alloc(0));
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

function chunkSize(opened: RegistryResponse, limits: UploadLimits): number {
  const wanted = Number(headerOf(opened, 'oci-chunk-min-length') ?? 0);
  const atLeast = Number.isSafeInteger(wanted) ? Math.min(wanted, maxChunkBytes) : 0;
  return Math.max(limits.chunkBytes, atLeast);
}

function refusedBlob(error: unknown, { descriptor }: BlobToUpload): unknown {
  if (!(error instanceof OciError) || error.operation !== 'upload-blob') return error;
  if (!error.registryCodes.some((code) => code === 'DIGEST_INVALID' || code === 'SIZE_INVALID')) return error;
  return error.meaning(
    'digest-mismatch',
    `What was uploaded as ${descriptor.digest} is something else: ${error.message}`,
  );
}
