import type { Digest, RepositoryName } from '@pratique/contracts';
import type { RegistryClient } from './registry-client.js';

/** A registry may clean up at any time; what was there so long ago is asked for again. */
const rememberedMs = 5 * 60 * 1000;
/** Blobs of one registry, the oldest of which make room: some 10 MB. */
const maxBlobs = 50_000;

/**
 * What a target is known to have, over all copies of this process: the layers that images share are asked for and sent once.
 *
 * Copies that need the same blob at the same moment wait for the first of them. That is more than thrift: Distribution
 * truncates the link of a blob while the blob is uploaded again, and refuses manifests that name it in that moment.
 */
export class BlobMemory {
  private readonly known = new Map<string, number>();
  private readonly underWay = new Map<string, Promise<unknown>>();

  constructor(private readonly now: () => number = Date.now) {}

  /**
   * Does the work of bringing a blob, unless it is known to be there or somebody else brings it at this moment. Whoever waits
   * for somebody else who fails tries for himself.
   *
   * @returns what the work came to; undefined when there was nothing left to do
   */
  async once<T>(
    { repository, digest }: RememberedBlob,
    work: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const key = `${repository}@${digest}`;
    for (;;) {
      signal.throwIfAborted();
      if ((this.known.get(key) ?? 0) > this.now()) return undefined;
      const other = this.underWay.get(key);
      if (other === undefined) return await this.lead(key, work);
      await Promise.race([other.catch(() => undefined), abortOf(signal)]);
    }
  }

  /** The registry says that it does not have them after all. */
  forget(repository: RepositoryName, digests: readonly Digest[]): void {
    for (const digest of digests) this.known.delete(`${repository}@${digest}`);
  }

  private async lead<T>(key: string, work: () => Promise<T>): Promise<T> {
    const running = work().finally(() => this.underWay.delete(key));
    this.underWay.set(key, running);
    const result = await running;
    this.known.delete(key);
    this.known.set(key, this.now() + rememberedMs);
    const oldest = this.known.keys().next().value;
    if (this.known.size > maxBlobs && oldest !== undefined) this.known.delete(oldest);
    return result;
  }
}

export interface RememberedBlob {
  repository: RepositoryName;
  digest: Digest;
}

const memories = new WeakMap<RegistryClient, BlobMemory>();

/** The memory of what one registry has, as long as its client lives. */
export function blobMemoryOf(client: RegistryClient): BlobMemory {
  const memory = memories.get(client) ?? new BlobMemory();
  memories.set(client, memory);
  return memory;
}

/** Resolves when the signal is aborted. */
async function abortOf(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
