import type { Digest, OutcomeReason } from '@pratique/contracts';
import type { CheckResult, Finding } from './checks/check.js';

export interface ExaminedCheck {
  policy: string;
  kind: string;
  /** `crashed`: the check itself failed, and has no opinion. */
  result: CheckResult | 'crashed';
  findings: readonly Finding[];
}

export interface Unreadable {
  reason: OutcomeReason<'scan.unscannable'>;
  /** What cannot be read, and why, as a sentence. */
  message: string;
}

/** What is known about one manifest after it was read as far as possible. */
export type ExaminedManifest =
  | { digest: Digest; kind: 'index'; children: readonly Digest[]; unreadable?: Unreadable | undefined }
  | { digest: Digest; kind: 'image'; checks: readonly ExaminedCheck[]; unreadable?: Unreadable | undefined };

export type Verdict =
  | { status: 'passed' }
  | { status: 'failed' }
  | { status: 'error' }
  | ({ status: 'unscannable' } & Unreadable);

/** From the worst to the best; what is worst decides. */
const order = ['failed', 'error', 'unscannable', 'passed'] as const satisfies readonly Verdict['status'][];

/**
 * The verdict on each manifest that was reached.
 *
 * A manifest passes only if it was read completely, every policy that applies has at least one check that found something
 * and found it good, and none found anything bad or failed to run. An index passes only if it names at least one
 * manifest and all that it names have passed. Whatever is missing, unknown or empty is not a pass.
 *
 * @param policies that must all agree
 * @param manifests children before those that name them
 */
export function judgeManifests(
  policies: readonly string[],
  manifests: readonly ExaminedManifest[],
): Map<Digest, Verdict> {
  const verdicts = new Map<Digest, Verdict>();
  for (const manifest of manifests) {
    const verdict =
      manifest.kind === 'image' ? judgeImage(policies, manifest) : judgeIndex(manifest, verdicts);
    verdicts.set(manifest.digest, verdict);
  }
  return verdicts;
}

function judgeImage(
  policies: readonly string[],
  { checks, unreadable }: Extract<ExaminedManifest, { kind: 'image' }>,
): Verdict {
  if (checks.some(({ result }) => result === 'failed')) return { status: 'failed' };
  if (checks.some(({ result }) => result === 'crashed')) return { status: 'error' };
  if (unreadable !== undefined) return { status: 'unscannable', ...unreadable };
  const hasPassed = (policy: string): boolean =>
    checks.some((check) => check.policy === policy && check.result === 'passed');
  if (policies.length > 0 && policies.every(hasPassed)) return { status: 'passed' };
  return nothingToCheck('No check found anything in it to check.');
}

function judgeIndex(
  { children, unreadable }: Extract<ExaminedManifest, { kind: 'index' }>,
  verdicts: ReadonlyMap<Digest, Verdict>,
): Verdict {
  const found: Verdict[] = children.map((child) => verdicts.get(child) ?? notExamined(child));
  if (unreadable !== undefined) found.push({ status: 'unscannable', ...unreadable });
  if (found.length === 0) return nothingToCheck('It is an index that names no image.');
  return worst(found);
}

function worst(verdicts: readonly Verdict[]): Verdict {
  const found = order.flatMap((status) => verdicts.find((verdict) => verdict.status === status) ?? []);
  return found[0] ?? nothingToCheck('There is nothing that was judged.');
}

function notExamined(digest: Digest): Verdict {
  return { status: 'unscannable', reason: 'not-readable', message: `${digest} was not examined.` };
}

function nothingToCheck(message: string): Verdict {
  return { status: 'unscannable', reason: 'nothing-to-check', message };
}
