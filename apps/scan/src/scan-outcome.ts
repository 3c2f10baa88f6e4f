import {
  formatImage,
  type OutcomeImage,
  type OutcomeOf,
  type RegistryEvent,
  type Digest,
} from '@pratique/contracts';
import type { ScanFailure } from './classify-failure.js';
import type { Finding } from './checks/check.js';
import { detailsOf } from './scan-details.js';
import type { ExaminedManifest, Verdict } from './verdict.js';

type DataOf<K extends ScanOutcomeKind> = OutcomeOf<K>['data'];

type ScanOutcomeKind =
  | 'scan.passed'
  | 'scan.failed'
  | 'scan.unscannable'
  | 'scan.error'
  | 'scan.observed'
  | 'quarantine.released'
  | 'quarantine.retained'
  | 'quarantine.revoked'
  | 'quarantine.left-open'
  | 'quarantine.bypassed';

/** An outcome before it has its envelope. */
export type ScanOutcome = { [K in ScanOutcomeKind]: { kind: K; data: DataOf<K> } }[ScanOutcomeKind];

/** A verdict with what led to it. */
export interface Judgement {
  image: OutcomeImage & { digest: Digest };
  /** Names of the policies. */
  rule: string;
  verdict: Verdict;
  manifests: readonly ExaminedManifest[];
  /** Milliseconds. */
  durationMs: number;
}

// The contract's limit; a message that is longer would not be published at all.
const maxMessage = 2048;

/** What to tell of a verdict. */
export function outcomeOfVerdict(judgement: Judgement): ScanOutcome {
  const { image, rule, verdict, durationMs } = judgement;
  const message = sentenceOf(judgement);
  const base = { image, rule, durationMs, message, details: detailsOf(judgement.manifests) };
  switch (verdict.status) {
    case 'passed':
      return { kind: 'scan.passed', data: { ...base, severity: 'info', reason: 'every-check-passed' } };
    case 'failed':
      return { kind: 'scan.failed', data: { ...base, severity: 'warning', reason: 'check-failed' } };
    case 'unscannable':
      return { kind: 'scan.unscannable', data: { ...base, severity: 'warning', reason: verdict.reason } };
    case 'error':
      return { kind: 'scan.error', data: { ...base, severity: 'error', reason: verdict.reason } };
    default:
      return verdict satisfies never;
  }
}

/** A verdict as a sentence: for the outcome, and for whoever asks the registry why. */
export function sentenceOf({ image, rule, verdict, manifests }: Judgement): string {
  const where = placeOf(image);
  const first = firstFinding(manifests)?.message ?? '';
  switch (verdict.status) {
    case 'passed':
      return clip(`${where} passed every check of ${rule}.`);
    case 'failed':
      return clip(`${where} failed ${rule}: ${first}`);
    case 'unscannable':
      return clip(`${where} cannot be cleared by ${rule}: ${verdict.message}`);
    case 'error':
      return clip(`${where} has no verdict by ${rule}: ${verdict.message}`);
    default:
      return verdict satisfies never;
  }
}

const wouldBe = {
  passed: { severity: 'info', reason: 'would-pass', what: 'would have been cleared' },
  failed: { severity: 'notice', reason: 'would-fail', what: 'would have been refused' },
  unscannable: { severity: 'notice', reason: 'would-be-unscannable', what: 'would have been refused' },
  error: { severity: 'notice', reason: 'would-be-error', what: 'would have had no verdict' },
} as const;

/** What to tell of a policy that only observes. */
export function outcomeOfObservation(judgement: Judgement): ScanOutcome {
  const { image, rule, durationMs, verdict, manifests } = judgement;
  const { what, ...base } = wouldBe[verdict.status];
  const message = clip(`${placeOf(image)} ${what} by ${rule}, which only observes: ${sentenceOf(judgement)}`);
  return {
    kind: 'scan.observed',
    data: { ...base, message, image, rule, durationMs, details: detailsOf(manifests) },
  };
}

/** What to tell of a scan that came to no verdict. */
export function outcomeOfFailure(
  { reason, severity, message }: Pick<ScanFailure, 'reason' | 'severity' | 'message'>,
  { image, rule, durationMs }: { image: OutcomeImage; rule?: string | undefined; durationMs: number },
): ScanOutcome {
  const told = clip(`${placeOf(image)} was not scanned: ${message}`);
  return {
    kind: 'scan.error',
    data: { severity, reason, message: told, image, durationMs, ...(rule !== undefined && { rule }) },
  };
}

/** @param target where it can be pulled now, if that is somewhere else */
export function outcomeOfRelease({ image, rule, manifests }: Judgement, target?: OutcomeImage): ScanOutcome {
  const data = { image, rule, ...(target && { target }), details: { manifests: manifests.length } };
  const to = target === undefined ? '' : `, and is now ${placeOf(target)}`;
  const message = clip(`${placeOf(image)} was released from quarantine${to}.`);
  return {
    kind: 'quarantine.released',
    data: { ...data, message, severity: 'info', reason: 'verdict-passed' },
  };
}

export function outcomeOfRetention(
  image: OutcomeImage,
  { status, rule }: { status: Exclude<Verdict['status'], 'passed'>; rule?: string | undefined },
): ScanOutcome {
  const message = `${placeOf(image)} stays in quarantine.`;
  const data = { image, message, ...(rule !== undefined && { rule }) };
  return { kind: 'quarantine.retained', data: { ...data, severity: 'notice', reason: `verdict-${status}` } };
}

/** What to tell of an image that was released, and by a new verdict would not have been. */
export function outcomeOfReversal({ image, rule }: Judgement, result: 'revoked' | 'left-open'): ScanOutcome {
  const base = { image, rule, severity: 'error' } as const;
  if (result === 'revoked') {
    const message = `${placeOf(image)} no longer passes and is in quarantine again.`;
    return { kind: 'quarantine.revoked', data: { ...base, message, reason: 'verdict-reversed' } };
  }
  const message = `${placeOf(image)} no longer passes and can still be pulled: its rule in rescan has onFailure: report.`;
  return { kind: 'quarantine.left-open', data: { ...base, message, reason: 'reversal-reported' } };
}

/** What to tell of an image that can be pulled although no verdict of ours says so. */
export function outcomeOfBypass(
  image: OutcomeImage,
  why: string,
): Extract<ScanOutcome, { kind: 'quarantine.bypassed' }> {
  const message = clip(`${placeOf(image)} can be pulled, and not because of us: ${why}`);
  return {
    kind: 'quarantine.bypassed',
    data: { image, message, severity: 'error', reason: 'passed-without-verdict' },
  };
}

/** What to tell of an image in quarantine that nobody but policies which only observe has looked at. */
export function outcomeOfWaiting(image: OutcomeImage, rule: string): ScanOutcome {
  const message = `${placeOf(image)} stays in quarantine: every policy that applies to it only observes, and none may clear it.`;
  return {
    kind: 'quarantine.retained',
    data: { image, rule, message, severity: 'notice', reason: 'only-observed' },
  };
}

/** The image that an event is about, as far as the event says. */
export function imageOf({ data: { registry, repository, tag, digest } }: RegistryEvent): OutcomeImage {
  return { registry, repository, ...(tag && { tag }), ...(digest && { digest }) };
}

function placeOf(image: OutcomeImage): string {
  return `${formatImage(image)} in ${image.registry}`;
}

function firstFinding(manifests: readonly ExaminedManifest[]): Finding | undefined {
  return manifests
    .flatMap((manifest) => (manifest.kind === 'image' ? manifest.checks : []))
    .find(({ findings }) => findings.length > 0)?.findings[0];
}

function clip(message: string): string {
  return message.length > maxMessage ? `${message.slice(0, maxMessage - 1)}…`.toWellFormed() : message;
}
