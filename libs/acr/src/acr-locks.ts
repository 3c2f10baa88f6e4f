import { Digest, type RepositoryName, type Tag } from '@pratique/contracts';
import { type CallOptions, OciError, readBounded, type RegistryClient, repositoryScope } from '@pratique/oci';
import { z } from 'zod';

/** What a registry lets be done with a tag or a manifest. */
export interface LockState {
  /** A tag that may not be written cannot be moved; a manifest that may not be written cannot be deleted either. */
  writeEnabled: boolean;
  deleteEnabled: boolean;
}

const maxAttributesBytes = 256 * 1024;

const Changeable = z.object({
  writeEnabled: z.boolean().default(true),
  deleteEnabled: z.boolean().default(true),
});
const Attributes = z.union([
  z
    .object({ tag: z.object({ changeableAttributes: Changeable }) })
    .transform(({ tag }) => tag.changeableAttributes),
  z
    .object({ manifest: z.object({ changeableAttributes: Changeable }) })
    .transform(({ manifest }) => manifest.changeableAttributes),
]);

/**
 * The locks of an Azure container registry. A tag and the manifest that it names have a lock each, and to keep an image as it is
 * takes both. https://learn.microsoft.com/azure/container-registry/container-registry-image-lock
 */
export class AcrLocks {
  constructor(private readonly client: RegistryClient) {}

  /** What may be done with a tag or a manifest; undefined when there is none. */
  async state(
    repository: RepositoryName,
    reference: Tag | Digest,
    { signal }: CallOptions = {},
  ): Promise<LockState | undefined> {
    const operation = 'read-lock';
    const response = await this.client.send({
      operation,
      method: 'GET',
      path: attributesPath(repository, reference),
      scopes: [repositoryScope(repository, 'metadata_read')],
      expect: [200, 404],
      signal,
    });
    const bytes = await readBounded(response.body, { maxBytes: maxAttributesBytes, operation });
    return response.status === 404 ? undefined : readState(bytes, operation);
  }

  /** Whether a tag or a manifest is locked in any way: whoever deletes asks first. */
  async isLocked(
    repository: RepositoryName,
    reference: Tag | Digest,
    options: CallOptions = {},
  ): Promise<boolean> {
    const state = await this.state(repository, reference, options);
    return state !== undefined && !(state.writeEnabled && state.deleteEnabled);
  }

  /** Lets nobody move, overwrite or delete it. False when it is not there. */
  async lock(
    repository: RepositoryName,
    reference: Tag | Digest,
    options: CallOptions = {},
  ): Promise<boolean> {
    return await this.#change(repository, reference, {
      writeEnabled: false,
      deleteEnabled: false,
      ...options,
    });
  }

  /** Takes the lock away. False when it is not there. */
  async unlock(
    repository: RepositoryName,
    reference: Tag | Digest,
    options: CallOptions = {},
  ): Promise<boolean> {
    return await this.#change(repository, reference, { writeEnabled: true, deleteEnabled: true, ...options });
  }

  async #change(
    repository: RepositoryName,
    reference: Tag | Digest,
    { signal, ...state }: LockState & CallOptions,
  ): Promise<boolean> {
    const response = await this.client.send({
      operation: 'write-lock',
      method: 'PATCH',
      path: attributesPath(repository, reference),
      scopes: [repositoryScope(repository, 'metadata_read', 'metadata_write')],
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(state)),
      repeatable: true,
      expect: [200, 404],
      signal,
    });
    await response.body.dump();
    return response.status === 200;
  }
}

function attributesPath(repository: RepositoryName, reference: Tag | Digest): string {
  const kind = Digest.safeParse(reference).success ? '_manifests' : '_tags';
  return `/acr/v1/${repository}/${kind}/${reference}`;
}

function readState(bytes: Buffer, operation: string): LockState {
  const answer = Attributes.safeParse(parseJson(bytes));
  if (answer.success) return answer.data;
  throw new OciError('The registry did not say whether it is locked; is it an Azure container registry?', {
    code: 'protocol-violation',
    operation,
    cause: answer.error,
  });
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
