import type { Digest } from '@pratique/contracts';
import { blobMemoryOf } from './blob-memory.js';
import { copyBlob, isForeign } from './copy-blob.js';
import type { CopyJob } from './copy-job.js';
import type { Descriptor } from './descriptor.js';
import { forEachLimited } from './for-each-limited.js';
import { type ImageGraph, pushWaves, uniqueBlobs } from './image-graph.js';
import { isIndex, type Manifest } from './manifest.js';
import { mediaType } from './media-types.js';
import { OciError, onSide } from './oci-error.js';
import { recordReferrer } from './record-referrer.js';
import { presenceAtTarget } from './target-presence.js';

const manifestConcurrency = 4;

export interface GraphCopy {
  signal: AbortSignal | undefined;
  /** Brings everything but the root itself, which the caller puts under its tag: one request does for both. */
  leaveRoot?: boolean;
}

/**
 * Brings a graph to the target: blobs, then manifests from the leaves to the root, each by digest.
 *
 * A manifest that the target has is taken as a sign that it has all below it, since registries refuse a manifest whose
 * parts are missing. If one says that something is missing after all, the whole graph is gone through once more.
 */
export async function copyGraph(
  job: CopyJob,
  graph: ImageGraph,
  { signal, leaveRoot = false }: GraphCopy,
): Promise<void> {
  const missing = await missingManifests(job, graph, signal);
  try {
    await copyManifests(job, missing, { signal, ...(leaveRoot && { leave: graph.root }) });
  } catch (error) {
    if (!isPartMissing(error)) throw error;
    await copyGraphAnew(job, graph, signal);
  }
}

/** The same without believing anything about what the target has: for one that says it lacks what it said it had. */
export async function copyGraphAnew(
  job: CopyJob,
  { manifests, blobs }: ImageGraph,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { client, repository } = job.target;
  blobMemoryOf(client).forget(
    repository,
    blobs.map(({ digest }) => digest),
  );
  await copyManifests(job, manifests, { signal });
}

/** Whether a manifest was refused because the target lacks something that it names. */
export function isPartMissing(error: unknown): boolean {
  return error instanceof OciError && error.code === 'manifest-blob-unknown';
}

async function missingManifests(
  job: CopyJob,
  { root, manifests }: ImageGraph,
  signal: AbortSignal | undefined,
): Promise<Manifest[]> {
  // The root is written in any case: callers come here because it is missing, or not listed under its subject.
  const missing = new Set<Manifest>([root]);
  const children = manifests.filter((manifest) => manifest !== root);
  await forEachLimited(children, { concurrency: manifestConcurrency, signal }, async (manifest, abort) => {
    const presence = await presenceAtTarget(job, manifest.descriptor.digest, abort);
    if (presence === 'absent') missing.add(manifest);
  });
  return manifests.filter((manifest) => missing.has(manifest));
}

async function copyManifests(
  job: CopyJob,
  manifests: readonly Manifest[],
  { signal, leave }: { signal: AbortSignal | undefined; leave?: Manifest },
): Promise<void> {
  const { concurrency } = job;
  const blobs = inCopyOrder(uniqueBlobs(manifests));
  const unasked = new Set(manifests.flatMap(ownConfig));
  await forEachLimited(blobs, { concurrency, signal }, (blob, abort) =>
    copyBlob(job, blob, { signal: abort, ask: !unasked.has(blob.digest) }),
  );
  for (const wave of pushWaves(manifests.filter((manifest) => manifest !== leave))) {
    await forEachLimited(wave, { concurrency: manifestConcurrency, signal }, (manifest, abort) =>
      pushManifest(job, manifest, abort),
    );
  }
}

/** As much as a question costs. */
const smallConfigBytes = 64 * 1024;

/** An image's config is as new as its manifest, and small: to send it at once is less work than to ask for it first. */
function ownConfig({ document }: Manifest): Digest[] {
  if (isIndex(document)) return [];
  const { digest, size, mediaType: type } = document.config;
  return size > smallConfigBytes || type === mediaType.ociEmpty ? [] : [digest];
}

async function pushManifest(job: CopyJob, manifest: Manifest, signal: AbortSignal): Promise<void> {
  const { client, repository } = job.target;
  const { descriptor, bytes, document } = manifest;
  const { digest, mediaType: type } = descriptor;
  const { subject } = document;
  await onSide('target', async () => {
    const put = await client.putManifest(repository, digest, { bytes, mediaType: type, signal });
    if (subject === undefined || put.subjectProcessed) return;
    await recordReferrer(client, { repository, subject: subject.digest, referrer: manifest, signal });
  });
  job.did({ step: 'manifest', digest, bytes: bytes.length });
}

/** What will be refused comes first, then the largest, so that no large one is left to go alone at the end. */
function inCopyOrder(blobs: readonly Descriptor[]): Descriptor[] {
  return blobs.toSorted((a, b) => Number(isForeign(b)) - Number(isForeign(a)) || b.size - a.size);
}
