import type { ReportedCheck, ReportedFinding, ScanReport } from '../../scan/src/scan-report.js';

/** One thing that keeps an image from being cleared, or did so until somebody answered for it. */
export interface ScanFinding extends ReportedFinding {
  policy: string;
  check: string;
}

/** Whether the image would be cleared; where every policy only observes, whether each would have passed it. */
export function isClean({ verdict, observed }: ScanReport): boolean {
  if (verdict !== undefined) return verdict.status === 'passed';
  return observed.length > 0 && observed.every((each) => each.verdict.status === 'passed');
}

/** Each finding once, however many platforms have it. */
export function findingsOf({ manifests }: ScanReport): ScanFinding[] {
  const all = manifests.flatMap(({ checks }) => checks.flatMap(findingsOfCheck));
  return [...new Map(all.map((finding) => [JSON.stringify(finding), finding])).values()];
}

/** What could not be read, or had no answer: sentences, each once. */
export function troublesOf({ manifests }: ScanReport): string[] {
  const troubles = manifests.flatMap(({ unreadable, checks }) => [
    ...(unreadable ? [unreadable.message] : []),
    ...checks.flatMap(({ noAnswer }) => noAnswer?.message ?? []),
  ]);
  return [...new Set(troubles)];
}

export function unlistedOf({ manifests }: ScanReport): number {
  return manifests.flatMap(({ checks }) => checks).reduce((sum, { unlisted }) => sum + unlisted, 0);
}

function findingsOfCheck({ policy, kind, findings }: ReportedCheck): ScanFinding[] {
  return findings.map((finding) => ({ ...finding, policy, check: kind }));
}
