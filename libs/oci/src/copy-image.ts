import type { Digest, Tag } from '@pratique/contracts';
import {
  type CopyEnd,
  CopyJob,
  type CopyProgress,
  type CopyReport,
  type CopyVerification,
} from './copy-job.js';
import { beforeDeadline } from './before-deadline.js';
import { copyReferrers } from './copy-referrers.js';
import { countRequests } from './count-requests.js';
import type { Descriptor } from './descriptor.js';
import { ensureImage, type ImageToEnsure, walkSource } from './ensure-image.js';
import type { ImageGraph } from './image-graph.js';
import type { Manifest } from './manifest.js';
import { isIndexType } from './media-types.js';
import { moveTag, tagNames } from './move-tag.js';
import { lookAtTarget, presenceAtTarget } from './target-presence.js';
import { notVerified } from './verify-target.js';
import type { WalkLimits } from './walk-limits.js';

/** As skopeo. With HTTP/1.1 each has a connection of its own. */
const defaultConcurrency = 6;
const defaultDeadlineMs = 60 * 60 * 1000;

export interface CopyRequest {
  /** By digest: whoever plans the copy has resolved the tag. */
  source: CopyEnd & { digest: Digest };
  /** No tags: the image is reachable by digest only. */
  target: CopyEnd & { tags: readonly Tag[] };
  /** Signatures, SBOMs and attestations too. */
  referrers?: boolean;
  /** How closely the target is looked at; default `manifests`. The others are the deep modes. */
  verification?: CopyVerification;
  limits?: Partial<WalkLimits>;
  /** Blobs at the same time; default 6. */
  concurrency?: number;
  /** Milliseconds that the image may take, default an hour: a copy that hangs must not hold its place for ever. */
  deadlineMs?: number;
  signal?: AbortSignal;
  onProgress?: (progress: CopyProgress) => void;
}

/**
 * Copies an image from one registry to another by digest: same bytes, same digests, everything that it reaches.
 *
 * The order makes an interrupted copy harmless and a repeated one cheap: blobs, manifests from the leaves up, the root,
 * what belongs to it, and the tags last, so that whoever pulls by tag finds a whole image with its signatures. What the
 * target has is not sent again, and it is asked whether it shows what was written or was there: children, referrers and
 * the root before a tag is moved, then the tags.
 *
 * @throws OciError with the side it comes from, `timed-out` without one at the deadline; or the signal's reason
 */
export async function copyImage(request: CopyRequest): Promise<CopyReport> {
  const started = performance.now();
  const {
    concurrency = defaultConcurrency,
    verification = 'manifests',
    deadlineMs = defaultDeadlineMs,
  } = request;
  const job = new CopyJob({ ...request, concurrency, verification });
  const { result, requests } = await countRequests(() =>
    beforeDeadline((signal) => copy(job, { ...request, signal }), { deadlineMs, signal: request.signal }),
  );
  return {
    digest: request.source.digest,
    tags: request.target.tags,
    method: 'copy',
    ...job.figures,
    ...result,
    verification,
    requests,
    durationMs: performance.now() - started,
  };
}

async function copy(
  job: CopyJob,
  { source, target, referrers = false, signal }: CopyRequest,
): Promise<Pick<CopyReport, 'before' | 'quarantined'>> {
  const { digest } = source;
  const before = new Map<Tag, Descriptor>();
  for (const tag of target.tags) {
    const named = await lookAtTarget(job, tag, signal);
    if (typeof named !== 'string') before.set(tag, named);
  }
  const shown = [...before.values()].find((named) => named.digest === digest);
  // Where nothing comes between the root and its first tag, one request does for both.
  const leaveRoot = target.tags.length > 0 && !referrers && job.verification === 'manifests';
  const { presence, graph, rootLeft } = await ensureImage(job, { digest, shown, leaveRoot, signal });
  if (referrers)
    await copyReferrers(
      job,
      graph === undefined ? await digestsAtSource(job, { digest, shown, signal }) : digestsOf(graph),
      signal,
    );
  const end = await moveTags(job, { tags: target.tags, before, digest, graph, rootLeft, signal });
  return {
    before: Object.fromEntries([...before].map(([tag, named]) => [tag, named.digest])),
    quarantined: presence === 'quarantined' || end === 'quarantined',
  };
}

/** What an image consists of, where the target could not be asked or had no reason to. */
async function digestsAtSource(job: CopyJob, image: ImageToEnsure): Promise<Digest[]> {
  const { shown, digest } = image;
  if (shown !== undefined && !isIndexType(shown.mediaType)) return [digest];
  return digestsOf(await walkSource(job, image));
}

function digestsOf({ manifests }: ImageGraph): Digest[] {
  return manifests.map(({ descriptor }) => descriptor.digest);
}

interface TagMoves {
  tags: readonly Tag[];
  before: ReadonlyMap<Tag, Descriptor>;
  digest: Digest;
  graph: ImageGraph | undefined;
  rootLeft: boolean;
  signal: AbortSignal | undefined;
}

async function moveTags(job: CopyJob, moves: TagMoves): Promise<'shown' | 'quarantined'> {
  const { tags, before, digest, graph, signal } = moves;
  let { rootLeft } = moves;
  let end: 'shown' | 'quarantined' = 'shown';
  for (const tag of tags) {
    const moved = await moveTag(job, {
      tag,
      digest,
      named: before.get(tag)?.digest,
      graph: async () => graph ?? (await walkSource(job, { digest, signal })),
      signal,
    });
    if (moved) end = await verifyTag(job, { tag, digest, signal });
    job.did({ step: 'verified', what: 'tags', bytes: 0 });
    if (rootLeft && graph !== undefined) tellOfRoot(job, graph.root, end);
    rootLeft = false;
  }
  return end;
}

/** The first tag has brought it. */
function tellOfRoot(job: CopyJob, { descriptor }: Manifest, end: 'shown' | 'quarantined'): void {
  const { digest, size: bytes } = descriptor;
  job.did({ step: 'manifest', digest, bytes });
  if (end === 'shown') job.did({ step: 'verified', what: 'manifests', bytes });
}

async function verifyTag(
  job: CopyJob,
  tagged: { tag: Tag; digest: Digest; signal: AbortSignal | undefined },
): Promise<'shown' | 'quarantined'> {
  const { tag, digest, signal } = tagged;
  if (await tagNames(job, tagged)) return 'shown';
  // Where the image is kept back, so are its tags: that it has arrived is all that can be seen.
  if ((await presenceAtTarget(job, digest, signal)) === 'quarantined') return 'quarantined';
  throw notVerified(`does not show ${digest} under the tag ${tag} after the copy`);
}
