import type { Digest, RepositoryName } from '@pratique/contracts';
import {
  blobsOf,
  childManifests,
  isIndex,
  type Manifest,
  type RegistryClient,
  walkImage,
} from '@pratique/oci';
import { isInspecting } from './checks/check.js';
import { examineManifest, type ManifestReading } from './examine-manifest.js';
import { type ReaderThreads, sharedReaderThreads } from './isolation/reader-threads.js';
import { ByteBudget } from './layers/layer-limits.js';
import type { CheckOrder } from './part-job.js';
import { ImagePartReader } from './read-image-part.js';
import { defaultLimits, type ScanLimits } from './scan-limits.settings.js';
import type { ScanPolicy } from './scan-policy.js';
import { TimeBudget } from './time-budget.js';
import { unreadableBy } from './unreadable.js';
import type { ExaminedManifest, Unreadable } from './verdict.js';

export interface ImageToExamine {
  client: RegistryClient;
  repository: RepositoryName;
  digest: Digest;
  policies: readonly ScanPolicy[];
  limits?: ScanLimits | undefined;
  /** In which the image's parts are read; default: those that the process has for everybody. */
  threads?: ReaderThreads | undefined;
  signal: AbortSignal;
}

/**
 * Reads an image with everything that it reaches.
 *
 * @returns children before those that name them, the image itself last
 * @throws what a registry fails with, and the signal's reason; what is wrong with the image is part of the result
 */
export async function examineImage(image: ImageToExamine): Promise<ExaminedManifest[]> {
  const { limits = defaultLimits, digest } = image;
  const walked = await walk(image, limits);
  if ('unreadable' in walked) return [{ digest, kind: 'index', children: [], unreadable: walked.unreadable }];
  // When a registry fails, what is still being read is no longer wanted.
  const stop = new AbortController();
  const signal = AbortSignal.any([image.signal, stop.signal]);
  const checks = checksOf(image.policies);
  const parts = new ImagePartReader({
    ...image,
    threads: image.threads ?? sharedReaderThreads(limits.threads),
    limits,
    checks,
    budget: ByteBudget.of(limits.image.unpackedBytes).shared,
    time: new TimeBudget(limits.image.timeMs),
    signal,
  });
  const examining = walked.manifests.map((manifest) => examineOne(manifest, { parts, checks, limits }));
  try {
    return await Promise.all(examining);
  } finally {
    stop.abort();
    await Promise.allSettled(examining);
  }
}

async function walk(
  image: ImageToExamine,
  limits: ScanLimits,
): Promise<{ manifests: readonly Manifest[] } | { unreadable: Unreadable }> {
  const deadline = AbortSignal.timeout(limits.image.timeMs);
  const signal = AbortSignal.any([image.signal, deadline]);
  const walkLimits = { ...limits.index, blobBytes: limits.image.bytes };
  try {
    return await walkImage(image.client, image, { limits: walkLimits, signal });
  } catch (error) {
    image.signal.throwIfAborted();
    const unreadable = deadline.aborted ? tooSlow(limits.image.timeMs) : unreadableBy(error);
    if (unreadable === undefined) throw error;
    return { unreadable };
  }
}

function checksOf(policies: readonly ScanPolicy[]): CheckOrder[] {
  return policies.flatMap(({ name: policy, checks }) =>
    checks.filter(isInspecting).map(({ kind, settings }) => ({ policy, kind, settings })),
  );
}

async function examineOne(manifest: Manifest, reading: ManifestReading): Promise<ExaminedManifest> {
  const { document, descriptor } = manifest;
  const { digest } = descriptor;
  if (!isIndex(document)) return await examineManifest({ digest, document }, reading);
  const children = childManifests(manifest).map((child) => child.digest);
  const strange = blobsOf(manifest)[0];
  const unreadable: Unreadable | undefined = strange && {
    reason: 'not-readable',
    message: `It is an index that names ${strange.digest}, which is no manifest.`,
  };
  return { digest, kind: 'index', children, unreadable };
}

function tooSlow(timeMs: number): Unreadable {
  return { reason: 'limit-exceeded', message: `It could not be read within ${timeMs / 1000} seconds.` };
}
