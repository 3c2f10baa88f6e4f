import type { Digest } from '@pratique/contracts';
import { copyCosignTags } from './copy-cosign-tags.js';
import { copyGraph } from './copy-graph.js';
import type { CopyJob } from './copy-job.js';
import { ensureImage, walkSource } from './ensure-image.js';
import { forEachLimited } from './for-each-limited.js';
import { OciError, onSide } from './oci-error.js';
import { presenceAtTarget } from './target-presence.js';

/** A signature of an SBOM of an image is the third; nobody goes further. */
const maxDepth = 5;
/** Signatures, SBOMs and attestations of all manifests of an image together. */
const maxReferrers = 2000;
/** ACR allows some 250 referrers requests a minute (https://github.com/dotnet/docker-tools/pull/2137): no rush. */
const concurrency = 3;

/**
 * Brings along what belongs to some manifests: what the source lists as their referrers, and cosign's tags; then what
 * belongs to those, and so on. Nothing that the target has of its own is lost.
 */
export async function copyReferrers(
  job: CopyJob,
  subjects: readonly Digest[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const seen = new Set<Digest>(subjects);
  let level = [...subjects];
  for (let depth = 1; level.length > 0; depth++) {
    const found: Digest[] = [];
    await forEachLimited(level, { concurrency, signal }, async (subject, abort) => {
      found.push(...(await copyReferrersOf(job, subject, abort)));
    });
    level = [...new Set(found)].filter((digest) => !seen.has(digest));
    for (const digest of level) seen.add(digest);
    if (depth >= maxDepth || seen.size - subjects.length > maxReferrers) requireEnd(level);
  }
}

/** What belongs to one manifest at the source, now at the target too. */
async function copyReferrersOf(job: CopyJob, subject: Digest, signal: AbortSignal): Promise<Digest[]> {
  const { source } = job;
  const tagged = await copyCosignTags(job, subject, signal);
  const listed = await onSide('source', () =>
    source.client.referrers(source.repository, subject, { signal }),
  );
  const digests = listed.map(({ digest }) => digest);
  const missing = digests.length === 0 ? [] : await missingAtTarget(job, { subject, digests, signal });
  for (const digest of digests) {
    // One that the target has but does not list is written again, so that it comes to be listed.
    if (missing.includes(digest)) await copyGraph(job, await walkSource(job, { digest, signal }), { signal });
    await ensureImage(job, { digest, signal });
  }
  if (missing.length > 0) await requireListed(job, { subject, digests, signal });
  for (const digest of digests) {
    job.did({ step: 'referrer', digest });
    job.did({ step: 'verified', what: 'referrers', bytes: 0 });
  }
  return [...digests, ...tagged];
}

interface ReferrersOfSubject {
  subject: Digest;
  digests: readonly Digest[];
  signal: AbortSignal;
}

async function missingAtTarget(
  job: CopyJob,
  { subject, digests, signal }: ReferrersOfSubject,
): Promise<Digest[]> {
  const { client, repository } = job.target;
  const listed = await onSide('target', () => client.referrers(repository, subject, { signal }));
  const present = new Set(listed.map(({ digest }) => digest));
  const missing: Digest[] = [];
  for (const digest of digests) {
    if (present.has(digest)) continue;
    // What is quarantined is not listed, but it is there.
    const quarantined = (await presenceAtTarget(job, digest, signal)) === 'quarantined';
    if (!quarantined) missing.push(digest);
  }
  return missing;
}

async function requireListed(job: CopyJob, referrers: ReferrersOfSubject): Promise<void> {
  const [missing] = await missingAtTarget(job, referrers);
  if (missing === undefined) return;
  throw new OciError(`The target does not list ${missing} under ${referrers.subject} after the copy.`, {
    code: 'not-verified',
    operation: 'verify-copy',
    side: 'target',
  });
}

function requireEnd(level: readonly Digest[]): void {
  if (level.length === 0) return;
  throw new OciError('The image has more referrers, or referrers of referrers, than an honest one has.', {
    code: 'limit-exceeded',
    operation: 'copy-referrers',
    side: 'source',
  });
}
