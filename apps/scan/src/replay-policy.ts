import { digestOfSettings } from './build-scan-report.js';
import { replayCheck } from './checks/checks.js';
import { judgeScan } from './judge-scan.js';
import type { ScanPolicy } from './scan-policy.js';
import type { ReportedCheck, ReportedFinding, ReportedManifest, ScanReport } from './scan-report.js';
import type { ExaminedCheck, ExaminedManifest, Verdict } from './verdict.js';

/** What a policy would have made of an image, by what was stored of its scan. */
export interface Replay {
  image: ScanReport['image'];
  scannedAt: string;
  /** What was said of it then; `observed` where every policy only observed. */
  was: Verdict['status'] | 'observed';
  /** `unknown`: the report does not say enough, for the policy asks something that was not asked then. */
  would: Verdict['status'] | 'unknown';
  /** What it would have been refused for. */
  findings: readonly ReportedFinding[];
  /** Which checks cannot be told, and why. */
  unknown: readonly string[];
}

/**
 * Judges a stored scan by another policy. A check with the same settings says what it said; one with others judges again what
 * was seen then, where that was stored; anything else is unknown, and nothing unknown is a pass. Exceptions count as they
 * did on that day.
 */
export function replayPolicy(policy: ScanPolicy, report: ScanReport): Replay {
  const unknown = new Set<string>();
  const manifests = report.manifests.map((manifest) => examined(manifest, { policy, unknown }));
  const { image } = report;
  const now = new Date(report.finishedAt);
  const enforcing = { ...policy, mode: 'enforce' as const };
  const { enforced } = judgeScan({ ...image, policies: [enforcing], manifests, now });
  const status = enforced?.verdict.status ?? 'error';
  return {
    image,
    scannedAt: report.finishedAt,
    was: report.verdict?.status ?? 'observed',
    // What fails fails, whatever the checks would have said that nobody knows of.
    would: unknown.size > 0 && status !== 'failed' ? 'unknown' : status,
    findings: (enforced?.manifests ?? []).flatMap((manifest) =>
      manifest.kind === 'image' ? manifest.checks.flatMap(({ findings }) => findings) : [],
    ),
    unknown: [...unknown],
  };
}

function examined(
  manifest: ReportedManifest,
  { policy, unknown }: { policy: ScanPolicy; unknown: Set<string> },
): ExaminedManifest {
  const { digest, kind, children = [], unreadable } = manifest;
  if (kind === 'index') return { digest, kind, children, unreadable };
  const checks = policy.checks.flatMap((check) => {
    const answer = answerOf(check, manifest.checks);
    if (answer !== undefined) return [{ ...answer, policy: policy.name, kind: check.kind }];
    // Of what could not be read, checks said nothing, and need not.
    if (unreadable === undefined) unknown.add(whyUnknown(check.kind, manifest.checks));
    return [];
  });
  return { digest, kind, checks, unreadable };
}

type Answer = Omit<ExaminedCheck, 'policy' | 'kind'>;

function answerOf(
  check: ScanPolicy['checks'][number],
  reported: readonly ReportedCheck[],
): Answer | undefined {
  const ofKind = reported.filter(({ kind }) => kind === check.kind);
  const settings = digestOfSettings(check.settings);
  const same = ofKind.find((each) => each.settings === settings);
  if (same !== undefined) return asItWas(same);
  for (const { evidence } of ofKind) {
    const report = evidence === undefined ? undefined : replayCheck(check, evidence);
    if (report !== undefined) return report;
  }
  return undefined;
}

/** As it was before anybody answered for what was found. */
function asItWas({ result, findings, unlisted, noAnswer }: ReportedCheck): Answer {
  const plain = findings.map(({ exception: _answersForIt, ...finding }) => finding);
  const found = result === 'passed' && plain.length > 0 ? 'failed' : result;
  return { result: found, findings: plain, unlisted, ...(noAnswer && { noAnswer }) };
}

function whyUnknown(kind: string, reported: readonly ReportedCheck[]): string {
  const ofKind = reported.filter((check) => check.kind === kind);
  if (ofKind.length === 0) return `${kind}: nobody asked that then`;
  return `${kind}: asked with other settings, and what was seen is not stored`;
}
