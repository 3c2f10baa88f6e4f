import type { Digest, OutcomeReason } from '@pratique/contracts';
import type { CheckReport, CheckResult } from './checks/check.js';
import type { Finding } from './checks/finding.js';
import type { ScanException } from './scan-exception.settings.js';

/** Why somebody else who was asked about an image did not give an answer that counts. */
export interface NoAnswer {
  reason: OutcomeReason<'scan.error'>;
  /** A sentence. */
  message: string;
  /** Whether asking again later may help without anybody changing anything. */
  retryable: boolean;
}

export interface ExceptedFinding {
  finding: Finding;
  exception: ScanException;
}

export interface ExaminedCheck extends Omit<CheckReport, 'result'> {
  policy: string;
  kind: string;
  /** `crashed`: the check itself failed. `no-answer`: whom it asked did not answer. Neither has an opinion. */
  result: CheckResult | 'crashed' | 'no-answer';
  noAnswer?: NoAnswer;
  /** The findings that somebody answers for; they are not among `findings`. */
  excepted?: readonly ExceptedFinding[];
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
  | ({ status: 'error' } & NoAnswer)
  | ({ status: 'unscannable' } & Unreadable);

/** What has to be known of a policy to tell whether an image has met it. */
export interface JudgedPolicy {
  name: string;
  /** Each of these must have reported. */
  checks: readonly { kind: string }[];
}

/** From the worst to the best; what is worst decides. */
const order = ['failed', 'error', 'unscannable', 'passed'] as const satisfies readonly Verdict['status'][];

/**
 * The verdict on each manifest that was reached.
 *
 * A manifest passes only if it was read completely, every check of every policy has reported, every policy has at least one
 * check that found something and found it good, and none found anything bad, failed to run or got no answer. An index
 * passes only if it names at least one manifest and all that it names have passed. Whatever is missing, unknown or empty is
 * not a pass.
 *
 * @param policies that must all agree
 * @param manifests children before those that name them
 */
export function judgeManifests(
  policies: readonly JudgedPolicy[],
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
  policies: readonly JudgedPolicy[],
  { checks, unreadable }: Extract<ExaminedManifest, { kind: 'image' }>,
): Verdict {
  if (checks.some(({ result }) => result === 'failed')) return { status: 'failed' };
  const silent = checks.find(({ result }) => result === 'crashed' || result === 'no-answer');
  if (silent !== undefined) return { status: 'error', ...whySilent(silent) };
  if (unreadable !== undefined) return { status: 'unscannable', ...unreadable };
  const missing = policies.find((policy) => !hasReported(policy, checks));
  if (missing !== undefined) return { status: 'error', ...notReported(missing) };
  const hasPassed = ({ name }: JudgedPolicy): boolean =>
    checks.some((check) => check.policy === name && check.result === 'passed');
  if (policies.length > 0 && policies.every(hasPassed)) return { status: 'passed' };
  return nothingToCheck('No check found anything in it to check.');
}

function whySilent({ noAnswer, findings }: ExaminedCheck): NoAnswer {
  if (noAnswer !== undefined) return noAnswer;
  return { reason: 'check-crashed', message: findings[0]?.message ?? 'A check broke.', retryable: false };
}

/** Whether as many checks of each kind have reported as the policy has. */
function hasReported(policy: JudgedPolicy, checks: readonly ExaminedCheck[]): boolean {
  const count = (list: readonly { kind: string }[], kind: string): number =>
    list.filter((each) => each.kind === kind).length;
  const reported = checks.filter((check) => check.policy === policy.name);
  return policy.checks.every(({ kind }) => count(reported, kind) >= count(policy.checks, kind));
}

function notReported({ name }: JudgedPolicy): NoAnswer {
  const message = `Not every check of ${name} has reported.`;
  return { reason: 'check-crashed', message, retryable: false };
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
