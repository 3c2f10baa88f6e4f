import type { Digest, RepositoryName } from '@pratique/contracts';
import type { RegistryTransport } from './registry-transport.js';
import { repositoryScope } from './token-scopes.js';
import { cancelUpload, sessionAddress } from './upload-session.js';

export interface BlobMount {
  repository: RepositoryName;
  digest: Digest;
  /** Another repository of the same registry, which has the blob. */
  from: RepositoryName;
  signal?: AbortSignal | undefined;
}

/**
 * Lets a repository have a blob of another one, without moving bytes.
 *
 * @returns false when the registry did not; the blob has to be uploaded then
 */
export async function mountBlob(transport: RegistryTransport, mount: BlobMount): Promise<boolean> {
  const { repository, digest, from, signal } = mount;
  // One token has to carry both rights.
  const scopes = [repositoryScope(repository, 'pull', 'push'), repositoryScope(from, 'pull')];
  const query = new URLSearchParams({ mount: digest, from });
  const response = await transport.send({
    operation: 'mount-blob',
    method: 'POST',
    path: `/v2/${repository}/blobs/uploads/?${query.toString()}`,
    scopes,
    headers: { 'content-length': '0' },
    repeatable: true,
    expect: [201, 202],
    signal,
  });
  await response.body.dump();
  if (response.status === 201) return true;
  // 202 is an upload session that nobody asked for.
  await cancelUpload(transport, sessionAddress(response), scopes);
  return false;
}
