import type { Digest, RepositoryName } from '@pratique/contracts';
import { applyExceptions } from './apply-exceptions.js';
import type { ScanPolicy } from './scan-policy.js';
import { type ExaminedManifest, judgeManifests, type Verdict } from './verdict.js';

/** What some policies make of an image. */
export interface PolicyJudgement {
  policies: readonly ScanPolicy[];
  /** The image's own. */
  verdict: Verdict;
  /** Those on everything that it reaches, children before those that name them. */
  verdicts: ReadonlyMap<Digest, Verdict>;
  /** What led to them: the checks of these policies, less what somebody answers for. */
  manifests: readonly ExaminedManifest[];
}

export interface ScanJudgement {
  /** What counts; undefined where every policy only observes, and nothing may be cleared or blocked. */
  enforced: PolicyJudgement | undefined;
  /** One for each policy that observes. */
  observed: readonly PolicyJudgement[];
}

export interface ScannedImage {
  repository: RepositoryName;
  digest: Digest;
  policies: readonly ScanPolicy[];
  manifests: readonly ExaminedManifest[];
  now: Date;
}

/** Judges an image by the policies that enforce, which have to agree, and by each of those that observe. */
export function judgeScan(image: ScannedImage): ScanJudgement {
  const enforcing = image.policies.filter(({ mode }) => mode === 'enforce');
  const observing = image.policies.filter(({ mode }) => mode === 'observe');
  return {
    enforced: enforcing.length === 0 ? undefined : judgeBy(enforcing, image),
    observed: observing.map((policy) => judgeBy([policy], image)),
  };
}

function judgeBy(policies: readonly ScanPolicy[], image: ScannedImage): PolicyJudgement {
  const manifests = image.manifests.map((manifest) => seenBy(policies, manifest, image));
  const verdicts = judgeManifests(policies, manifests);
  return { policies, verdict: verdicts.get(image.digest) ?? notJudged, verdicts, manifests };
}

const notJudged: Verdict = {
  status: 'error',
  reason: 'check-crashed',
  message: 'The image itself was not judged.',
  retryable: false,
};

function seenBy(
  policies: readonly ScanPolicy[],
  manifest: ExaminedManifest,
  image: ScannedImage,
): ExaminedManifest {
  if (manifest.kind === 'index') return manifest;
  const digests = wayTo(manifest.digest, image.manifests);
  const checks = manifest.checks.flatMap((check) => {
    const policy = policies.find(({ name }) => name === check.policy);
    return policy === undefined ? [] : applyExceptions(check, policy.exceptions, { ...image, digests });
  });
  return { ...manifest, checks };
}

/** A manifest and every index through which it is reached. */
export function wayTo(digest: Digest, manifests: readonly ExaminedManifest[]): Digest[] {
  const way = new Set([digest]);
  // Children come before those that name them, so that one pass reaches the top.
  for (const manifest of manifests) {
    if (manifest.kind === 'index' && manifest.children.some((child) => way.has(child)))
      way.add(manifest.digest);
  }
  return [...way];
}
