import { finished, PassThrough, type Readable, type Transform } from 'node:stream';
import type { Digest, RepositoryName } from '@pratique/contracts';
import type { Descriptor } from './descriptor.js';
import { fromNetworkError } from './network-error.js';
import { OciError } from './oci-error.js';
import type { RegistryResponse, RegistryTransport } from './registry-transport.js';
import { headerOf } from './response-header.js';
import { repositoryScope } from './token-scopes.js';
import { blobHighWaterMark, BlobVerifier } from './verify-blob.js';

/** A blob in a repository. */
export interface BlobPlace {
  repository: RepositoryName;
  descriptor: Pick<Descriptor, 'digest' | 'size'>;
  signal?: AbortSignal | undefined;
}

/** The operation of every error that comes from the side a blob is read from. */
export const getBlobOperation = 'get-blob';

/**
 * A blob as a stream that fails at its end, at the latest, when the bytes were not those of the descriptor. A connection that
 * breaks off is taken up where it broke, where the registry can do that.
 */
export async function getBlob(transport: RegistryTransport, place: BlobPlace): Promise<Readable> {
  return await feed(transport, place, new BlobVerifier(place.descriptor));
}

/** The same without a look at the bytes: whoever reads them has to check them, with a `BlobCheck`. */
export async function getUncheckedBlob(transport: RegistryTransport, place: BlobPlace): Promise<Readable> {
  return await feed(transport, place, new PassThrough({ highWaterMark: blobHighWaterMark }));
}

async function feed(transport: RegistryTransport, place: BlobPlace, reader: Transform): Promise<Readable> {
  const { body } = await openBlob(transport, place, 0);
  // A reader may be busy opening the other end when the source breaks. It finds the error when it starts to read; an
  // error event that nobody listens to would end the process.
  reader.on('error', () => undefined);
  new BlobFeed({ transport, place, reader }).take(body);
  return reader;
}

async function openBlob(
  transport: RegistryTransport,
  { repository, descriptor, signal }: BlobPlace,
  from: number,
): Promise<RegistryResponse> {
  return await transport.send({
    operation: getBlobOperation,
    method: 'GET',
    path: `/v2/${repository}/blobs/${descriptor.digest}`,
    scopes: [repositoryScope(repository, 'pull')],
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
    ...(from > 0 && { headers: { range: `bytes=${from}-` } }),
    expect: from > 0 ? [200, 206] : [200],
    signal,
  });
}

interface FedBlob {
  transport: RegistryTransport;
  place: BlobPlace;
  reader: Transform;
}

/** Brings the bytes of a blob to whoever reads them, by as many requests as it takes. */
class BlobFeed {
  private received = 0;
  private attempt = 0;

  constructor(private readonly fed: FedBlob) {}

  /** Not `pipeline`: what breaks here has to be told from what a reader destroys the stream with. */
  take(body: Readable): void {
    const { reader } = this.fed;
    const stop = (): unknown => body.destroy();
    body.on('data', (chunk: Buffer) => (this.received += chunk.length));
    reader.once('close', stop);
    finished(body, (error) => {
      reader.off('close', stop);
      if (reader.destroyed) return;
      if (error) void this.goOn(fromNetworkError(error, getBlobOperation) as Error);
      else reader.end();
    });
    body.pipe(reader, { end: false });
  }

  private async goOn(broken: Error): Promise<void> {
    const { transport, place, reader } = this.fed;
    const { signal } = place;
    const { manners } = transport;
    this.attempt += 1;
    const delay = manners.retryAfter({ error: broken, attempt: this.attempt, repeatable: true });
    try {
      if (delay === undefined) throw broken instanceof OciError ? broken.givenUp() : broken;
      await manners.clock.wait(delay, signal);
      const response = await openBlob(transport, place, this.received);
      if (this.received > 0 && !startsAt(response, this.received)) {
        await response.body.dump();
        throw broken;
      }
      this.take(response.body);
    } catch (error) {
      reader.destroy(error as Error);
    }
  }
}

function startsAt(response: RegistryResponse, from: number): boolean {
  return response.status === 206 && (headerOf(response, 'content-range') ?? '').startsWith(`bytes ${from}-`);
}

export interface BlobQuestion {
  repository: RepositoryName;
  digest: Digest;
  signal?: AbortSignal | undefined;
}

/**
 * Whether a repository has a blob that can be relied on. A registry that was killed while it noted one down answers 500 to every
 * question about it (CNCF Distribution 2.8 writes its notes in place): false then, because an upload writes the note afresh, and
 * fails by itself if that was not the reason.
 */
export async function hasBlob(
  transport: RegistryTransport,
  { repository, digest, signal }: BlobQuestion,
): Promise<boolean> {
  try {
    const response = await transport.send({
      operation: 'head-blob',
      method: 'HEAD',
      path: `/v2/${repository}/blobs/${digest}`,
      scopes: [repositoryScope(repository, 'pull')],
      expect: [200, 404],
      signal,
    });
    await response.body.dump();
    return response.status === 200;
  } catch (error) {
    if (error instanceof OciError && error.status === 500) return false;
    throw error;
  }
}
