import type { Digest } from '@pratique/contracts';
import { copyGraph, copyGraphAnew } from './copy-graph.js';
import type { CopyJob } from './copy-job.js';
import type { Descriptor } from './descriptor.js';
import type { ImageGraph } from './image-graph.js';
import { isIndexType } from './media-types.js';
import { OciError, onSide } from './oci-error.js';
import { type Presence, lookAtTarget } from './target-presence.js';
import { notVerified, verifyBlobs, verifyManifests } from './verify-target.js';
import { walkImage } from './walk-image.js';

export interface EnsuredImage {
  presence: Exclude<Presence, 'absent'>;
  /** Absent where nothing had to be known of it: the target shows an image without children. */
  graph: ImageGraph | undefined;
  /** Everything is there but the root itself, which is to be put under its tag. */
  rootLeft: boolean;
}

export interface ImageToEnsure {
  digest: Digest;
  /** Where the target has just shown it under a tag. */
  shown?: Descriptor | undefined;
  /** Leaves the root to the caller, where the target does not have it yet. */
  leaveRoot?: boolean;
  signal: AbortSignal | undefined;
}

/**
 * Makes sure that the target shows an image with everything below it: copies what is missing, and looks at the target again.
 * That the target has the root is no proof for the rest: registries lose children to clean-ups, and blobs to their disks.
 */
export async function ensureImage(job: CopyJob, image: ImageToEnsure): Promise<EnsuredImage> {
  const { digest, signal } = image;
  const found = image.shown ?? (await lookAtTarget(job, digest, signal));
  if (found === 'quarantined') return { presence: 'quarantined', graph: undefined, rootLeft: false };
  if (found === 'absent') return await bring(job, image);
  const graph = await check(job, image, found);
  if (graph !== undefined) await verifyBlobs(job, graph, signal);
  return { presence: 'shown', graph, rootLeft: false };
}

/** The graph of an image at the source. */
export async function walkSource(
  { source, limits }: CopyJob,
  { digest, signal }: ImageToEnsure,
): Promise<ImageGraph> {
  const { client, repository } = source;
  return await onSide('source', () => walkImage(client, { repository, digest }, { limits, signal }));
}

async function bring(job: CopyJob, image: ImageToEnsure): Promise<EnsuredImage> {
  const { signal } = image;
  const graph = await walkSource(job, image);
  // A manifest with a subject has to be listed under it, which is done where it is put by digest; and an index is put where a
  // child that is missing is noticed and mended.
  const plain = graph.manifests.length === 1 && graph.root.document.subject === undefined;
  const rootLeft = image.leaveRoot === true && plain;
  await copyGraph(job, graph, { signal, leaveRoot: rootLeft });
  const presence = await verifyManifests(job, graph, { signal, leaveRoot: rootLeft });
  if (presence === 'shown') await verifyBlobs(job, graph, signal);
  return { presence, graph, rootLeft };
}

/** What the target has of an image that it shows; repaired from the source where something is missing or spoilt. */
async function check(
  job: CopyJob,
  image: ImageToEnsure,
  { mediaType }: Descriptor,
): Promise<ImageGraph | undefined> {
  job.did({ step: 'verified', what: 'manifests', bytes: 0 });
  if (job.verification === 'manifests' && !isIndexType(mediaType)) return undefined;
  const { client, repository } = job.target;
  const { digest, signal } = image;
  const walk = (): Promise<ImageGraph> =>
    onSide('target', () => walkImage(client, { repository, digest }, { limits: job.limits, signal }));
  try {
    return countManifests(job, await walk());
  } catch (error) {
    if (!isDamage(error)) throw error;
    await copyGraphAnew(job, await walkSource(job, image), signal);
  }
  try {
    return countManifests(job, await walk());
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw notVerified(
      `still does not show all of ${digest} after it was repaired (${(error as Error).message})`,
    );
  }
}

function countManifests(job: CopyJob, graph: ImageGraph): ImageGraph {
  for (let more = 1; more < graph.manifests.length; more++) {
    job.did({ step: 'verified', what: 'manifests', bytes: 0 });
  }
  return graph;
}

function isDamage(error: unknown): boolean {
  return (
    error instanceof OciError && ['not-found', 'digest-mismatch', 'unsupported-manifest'].includes(error.code)
  );
}
