import type { Digest, Tag } from '@pratique/contracts';
import {
  type CopyEnd,
  CopyJob,
  type CopyProgress,
  type CopyReport,
  type CopyVerification,
} from './copy-job.js';
import { copyReferrers } from './copy-referrers.js';
import { countRequests } from './count-requests.js';
import type { Descriptor } from './descriptor.js';
import { ensureImage, type ImageToEnsure, walkSource } from './ensure-image.js';
import type { ImageGraph } from './image-graph.js';
import { isIndexType } from './media-types.js';
import { moveTag, tagNames } from './move-tag.js';
import { lookAtTarget, presenceAtTarget } from './target-presence.js';
import { notVerified } from './verify-target.js';
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
  /** How closely the target is looked at; default `manifests`. The others are the deep modes. */
  verification?: CopyVerification;
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
 * target has is not sent again, and it is asked whether it shows what was written or was there: children, referrers and
 * the root before a tag is moved, then the tags.
 *
 * @throws OciError with the side it comes from; or the signal's reason
 */
export async function copyImage(request: CopyRequest): Promise<CopyReport> {
  const started = performance.now();
  const { concurrency = defaultConcurrency, verification = 'manifests' } = request;
  const job = new CopyJob({ ...request, concurrency, verification });
  const { result, requests } = await countRequests(() => copy(job, request));
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
  const { presence, graph } = await ensureImage(job, { digest, shown, signal });
  if (referrers)
    await copyReferrers(
      job,
      graph === undefined ? await digestsAtSource(job, { digest, shown, signal }) : digestsOf(graph),
      signal,
    );
  await moveTags(job, { tags: target.tags, before, digest, graph, signal });
  return {
    before: Object.fromEntries([...before].map(([tag, named]) => [tag, named.digest])),
    quarantined: presence === 'quarantined',
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
  signal: AbortSignal | undefined;
}

async function moveTags(job: CopyJob, moves: TagMoves): Promise<void> {
  const { tags, before, digest, signal } = moves;
  for (const tag of tags) {
    const moved = await moveTag(job, {
      tag,
      digest,
      named: before.get(tag)?.digest,
      graph: async () => moves.graph ?? (await walkSource(job, { digest, signal })),
      signal,
    });
    if (moved) await verifyTag(job, { tag, digest, signal });
    job.did({ step: 'verified', what: 'tags', bytes: 0 });
  }
}

async function verifyTag(
  job: CopyJob,
  tagged: { tag: Tag; digest: Digest; signal: AbortSignal | undefined },
): Promise<void> {
  const { tag, digest, signal } = tagged;
  if (await tagNames(job, tagged)) return;
  // Where the image is kept back, so are its tags: that it has arrived is all that can be seen.
  if ((await presenceAtTarget(job, digest, signal)) === 'quarantined') return;
  throw notVerified(`does not show ${digest} under the tag ${tag} after the copy`);
}
