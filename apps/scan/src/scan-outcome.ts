import {
  formatImage,
  type OutcomeImage,
  type OutcomeOf,
  type RegistryEvent,
  type Digest,
} from '@pratique/contracts';
import type { ScanFailure } from './classify-failure.js';
import type { ExaminedCheck, ExaminedManifest, Verdict } from './verdict.js';

type DataOf<K extends ScanOutcomeKind> = OutcomeOf<K>['data'];

type ScanOutcomeKind =
  | 'scan.passed'
  | 'scan.failed'
  | 'scan.unscannable'
  | 'scan.error'
  | 'quarantine.released'
  | 'quarantine.retained';

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
// With the longest paths, these stay below a third of the 64 KiB that an outcome may have.
const maxChecks = 50;
const maxFindings = 25;

/** What to tell of a verdict. */
export function outcomeOfVerdict(judgement: Judgement): ScanOutcome {
  const { image, rule, verdict, durationMs } = judgement;
  const message = sentenceOf(judgement);
  const base = { image, rule, durationMs, message, details: detailsOf(judgement) };
  switch (verdict.status) {
    case 'passed':
      return { kind: 'scan.passed', data: { ...base, severity: 'info', reason: 'every-check-passed' } };
    case 'failed':
      return { kind: 'scan.failed', data: { ...base, severity: 'warning', reason: 'check-failed' } };
    case 'unscannable':
      return { kind: 'scan.unscannable', data: { ...base, severity: 'warning', reason: verdict.reason } };
    case 'error':
      return { kind: 'scan.error', data: { ...base, severity: 'error', reason: 'check-crashed' } };
    default:
      return verdict satisfies never;
  }
}

/** A verdict as a sentence: for the outcome, and for whoever asks the registry why. */
export function sentenceOf({ image, rule, verdict, manifests }: Judgement): string {
  const where = placeOf(image);
  const first = findingsOf(manifests)[0]?.message ?? '';
  switch (verdict.status) {
    case 'passed':
      return clip(`${where} passed every check of ${rule}.`);
    case 'failed':
      return clip(`${where} failed ${rule}: ${first}`);
    case 'unscannable':
      return clip(`${where} cannot be cleared by ${rule}: ${verdict.message}`);
    case 'error':
      return clip(`${where} has no verdict by ${rule}: ${first}`);
    default:
      return verdict satisfies never;
  }
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

export function outcomeOfRelease({ image, rule, manifests }: Judgement): ScanOutcome {
  const data = { image, rule, details: { manifests: manifests.length } };
  const message = `${placeOf(image)} was released from quarantine.`;
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

/** The image that an event is about, as far as the event says. */
export function imageOf({ data: { registry, repository, tag, digest } }: RegistryEvent): OutcomeImage {
  return { registry, repository, ...(tag && { tag }), ...(digest && { digest }) };
}

function placeOf(image: OutcomeImage): string {
  return `${formatImage(image)} in ${image.registry}`;
}

function findingsOf(manifests: readonly ExaminedManifest[]): ExaminedCheck['findings'] {
  return manifests.flatMap((manifest) =>
    manifest.kind === 'image' ? manifest.checks.flatMap(({ findings }) => findings) : [],
  );
}

function detailsOf({ manifests }: Judgement): DataOf<'scan.failed'>['details'] {
  const checks = manifests.flatMap((manifest) =>
    manifest.kind === 'image'
      ? manifest.checks.map(({ policy, kind, result }) => ({
          manifest: manifest.digest,
          policy,
          check: kind,
          result,
        }))
      : [],
  );
  const findings = findingsOf(manifests);
  return {
    manifests: manifests.length,
    checks: checks.slice(0, maxChecks),
    findings: findings.slice(0, maxFindings).map((finding) => ({ ...finding })),
    // Whoever reads the lists has to know when they are not all.
    checkCount: checks.length,
    findingCount: findings.length,
  };
}

function clip(message: string): string {
  return message.length > maxMessage ? `${message.slice(0, maxMessage - 1)}…`.toWellFormed() : message;
}
