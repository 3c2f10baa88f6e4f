import { finished, type Readable } from 'node:stream';
import type { Digest, RepositoryName } from '@pratique/contracts';
import type { Descriptor } from './descriptor.js';
import { fromNetworkError } from './network-error.js';
import type { RegistryTransport } from './registry-transport.js';
import { repositoryScope } from './token-scopes.js';
import { BlobVerifier } from './verify-blob.js';

/** A blob in a repository. */
export interface BlobPlace {
  repository: RepositoryName;
  descriptor: Pick<Descriptor, 'digest' | 'size'>;
  signal?: AbortSignal | undefined;
}

/** The operation of every error that comes from the side a blob is read from. */
export const getBlobOperation = 'get-blob';

/** A blob as a stream that fails at its end, at the latest, when the bytes were not those of the descriptor. */
export async function getBlob(
  transport: RegistryTransport,
  { repository, descriptor, signal }: BlobPlace,
): Promise<Readable> {
  const { body } = await transport.send({
    operation: getBlobOperation,
    method: 'GET',
    path: `/v2/${repository}/blobs/${descriptor.digest}`,
    scopes: [repositoryScope(repository, 'pull')],
    expect: [200],
    signal,
  });
  const verifier = new BlobVerifier(descriptor);
  // Not `pipeline`: what breaks here has to be told from what a reader destroys the stream with.
  finished(body, (error) => {
    if (error) verifier.destroy(fromNetworkError(error, getBlobOperation) as Error);
  });
  verifier.once('close', () => body.destroy());
  // A reader may be busy opening the other end when the source breaks. It finds the error when it starts to read; an
  // error event that nobody listens to would end the process.
  verifier.on('error', () => undefined);
  return body.pipe(verifier);
}

export interface BlobQuestion {
  repository: RepositoryName;
  digest: Digest;
  signal?: AbortSignal | undefined;
}

/** Whether a repository has a blob. */
export async function hasBlob(
  transport: RegistryTransport,
  { repository, digest, signal }: BlobQuestion,
): Promise<boolean> {
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
}
