import type { Digest, Tag } from '@pratique/contracts';
import { copyGraph } from './copy-graph.js';
import { type CopyEnd, CopyJob, type CopyProgress, type CopyReport } from './copy-job.js';
import { copyReferrers } from './copy-referrers.js';
import type { ImageGraph } from './image-graph.js';
import type { Manifest } from './manifest.js';
import { moveTag, tagNames } from './move-tag.js';
import { OciError, onSide } from './oci-error.js';
import { type Presence, presenceAtTarget } from './target-presence.js';
import { walkImage } from './walk-image.js';
import type { WalkLimits } from './walk-limits.js';

/** As skopeo. With HTTP/1.1 each has a connection of its own. */
const defaultConcurrency = 6;

export interface CopyRequest {
  /** By digest: whoever plans the copy has resolved the tag. */
  source: CopyEnd & { digest: Digest };
  /** No tags: the image is reachable by digest only. */
  target: CopyEnd & { tags: readonly Tag[] };
  /** Signatures, SBOMs and attestations too. */
  referrers?: boolean;
  limits?: Partial<WalkLimits>;
  /** Blobs at the same time; default 6. */
  concurrency?: number;
  signal?: AbortSignal;
  onProgress?: (progress: CopyProgress) => void;
}

/**
 * Copies an image from one registry to another by digest: same bytes, same digests, everything that it reaches.
 *
 * The order makes an interrupted copy harmless and a repeated one cheap: blobs, manifests from the leaves up, the root,
 * what belongs to it, and the tags last, so that whoever pulls by tag finds a whole image with its signatures. What the
 * target has is not sent again, and it is asked whether it shows what was written: the root before a tag is moved, then the
 * tags.
 *
 * @throws OciError with the side it comes from; or the signal's reason
 */
export async function copyImage(request: CopyRequest): Promise<CopyReport> {
  const started = performance.now();
  const job = new CopyJob({ ...request, concurrency: request.concurrency ?? defaultConcurrency });
  const { presence, graph } = await bringImage(job, request);
  await moveTags(job, request, graph);
  return {
    digest: request.source.digest,
    tags: request.target.tags,
    ...job.figures,
    quarantined: presence === 'quarantined',
    durationMs: performance.now() - started,
  };
}

interface BroughtImage {
  presence: Presence;
  /** Absent when it was not needed: the target had the image already. */
  graph: ImageGraph | undefined;
}

/** Everything but the tags. */
async function bringImage(job: CopyJob, request: CopyRequest): Promise<BroughtImage> {
  const { source, referrers = false, signal } = request;
  const before = await presenceAtTarget(job, source.digest, signal);
  if (before !== 'absent' && !referrers) return { presence: before, graph: undefined };
  const graph = await walkSource(job, request);
  if (before === 'absent') await copyGraph(job, graph, signal);
  if (referrers) await copyReferrers(job, digestsOf(graph), signal);
  const presence = before === 'absent' ? await verifyRoot(job, source.digest, signal) : before;
  return { presence, graph };
}

async function walkSource(
  { source, limits }: CopyJob,
  { source: image, signal }: CopyRequest,
): Promise<ImageGraph> {
  return await onSide('source', () => walkImage(source.client, image, { limits, signal }));
}

function digestsOf({ manifests }: ImageGraph): Digest[] {
  return manifests.map(({ descriptor }) => descriptor.digest);
}

/** A registry that answered 201 to everything may still show something else: a proxy, a replica, another writer. */
async function verifyRoot(job: CopyJob, digest: Digest, signal: AbortSignal | undefined): Promise<Presence> {
  const presence = await presenceAtTarget(job, digest, signal);
  if (presence !== 'absent') return presence;
  throw notVerified(`does not show ${digest} after the copy`);
}

async function moveTags(job: CopyJob, request: CopyRequest, graph: ImageGraph | undefined): Promise<void> {
  const { source, target, signal } = request;
  const { digest } = source;
  const root = async (): Promise<Manifest> =>
    graph?.root ??
    (await onSide('source', () => source.client.manifest(source.repository, digest, { signal })));
  const moved: Tag[] = [];
  for (const tag of target.tags) {
    if (await moveTag(job, { tag, digest, root, signal })) moved.push(tag);
  }
  for (const tag of moved) {
    if (await tagNames(job, { tag, digest, signal })) continue;
    // Where the image is kept back, so are its tags: that it has arrived is all that can be seen.
    if ((await presenceAtTarget(job, digest, signal)) === 'quarantined') continue;
    throw notVerified(`does not show ${digest} under the tag ${tag} after the copy`);
  }
}

function notVerified(what: string): OciError {
  return new OciError(`The target ${what}; if nobody else writes there, look at its replication.`, {
    code: 'not-verified',
    operation: 'verify-copy',
    side: 'target',
  });
}
