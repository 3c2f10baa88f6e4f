import { pipeline } from 'node:stream/promises';
import { Writable } from 'node:stream';
import type { Digest } from '@pratique/contracts';
import { blobMemoryOf } from './blob-memory.js';
import { copyBlob } from './copy-blob.js';
import type { GraphCopy } from './copy-graph.js';
import type { CopyJob } from './copy-job.js';
import type { Descriptor } from './descriptor.js';
import { forEachLimited } from './for-each-limited.js';
import type { ImageGraph } from './image-graph.js';
import { OciError, onSide } from './oci-error.js';
import { lookAtTarget } from './target-presence.js';

/** Manifests that are asked for at the same time. */
const manifestsAtOnce = 4;

/**
 * Asks the target for every manifest that was written: one that answered 201 to everything may still show something else. A
 * proxy, a replica, another writer.
 *
 * @returns what it says of the root; one that is quarantined hides all below it
 * @throws OciError `not-verified`
 */
export async function verifyManifests(
  job: CopyJob,
  { root, manifests }: ImageGraph,
  { signal, leaveRoot = false }: GraphCopy,
): Promise<'shown' | 'quarantined'> {
  const hidden = new Set<Digest>();
  const written = leaveRoot ? manifests.filter((manifest) => manifest !== root) : manifests;
  await forEachLimited(written, { concurrency: manifestsAtOnce, signal }, async ({ descriptor }, abort) => {
    const found = await lookAtTarget(job, descriptor.digest, abort);
    if (found === 'absent') throw notVerified(`does not show ${descriptor.digest} after the copy`);
    if (found === 'quarantined') hidden.add(descriptor.digest);
    else job.did({ step: 'verified', what: 'manifests', bytes: descriptor.size });
  });
  return hidden.has(root.descriptor.digest) ? 'quarantined' : 'shown';
}

/** Asks the target for every blob of an image, as closely as the copy was told to, and repairs what is missing. */
export async function verifyBlobs(
  job: CopyJob,
  { blobs }: ImageGraph,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (job.verification === 'manifests') return;
  await forEachLimited(blobs, { concurrency: job.concurrency, signal }, async (blob, abort) => {
    if (!(await isIntact(job, blob, abort))) {
      blobMemoryOf(job.target.client).forget(job.target.repository, [blob.digest]);
      await copyBlob(job, blob, { signal: abort });
      if (!(await isIntact(job, blob, abort)))
        throw notVerified(`has no blob ${blob.digest} after it was copied`);
    }
    job.did({ step: 'verified', what: 'blobs', bytes: job.verification === 'bytes' ? blob.size : 0 });
  });
}

/**
 * Whether the target has a blob.
 *
 * @throws OciError `digest-mismatch` when it has other bytes: no registry replaces a blob that it believes to have
 */
async function isIntact(job: CopyJob, blob: Descriptor, signal: AbortSignal): Promise<boolean> {
  const { client, repository } = job.target;
  return await onSide('target', async () => {
    if (job.verification !== 'bytes') return await client.hasBlob(repository, blob.digest, { signal });
    try {
      await pipeline(await client.blob(repository, blob, { signal }), new Nowhere(), { signal });
      return true;
    } catch (error) {
      if (error instanceof OciError && error.code === 'not-found') return false;
      throw error;
    }
  });
}

/** The blob's stream checks itself; its bytes are not needed. */
class Nowhere extends Writable {
  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
}

/** The target accepted everything and does not show it. */
export function notVerified(what: string): OciError {
  return new OciError(`The target ${what}; if nobody else writes there, look at its replication.`, {
    code: 'not-verified',
    operation: 'verify-copy',
    side: 'target',
  });
}
