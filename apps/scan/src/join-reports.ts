import type { ExaminedCheck } from './verdict.js';

// As much as a check keeps of one part.
const maxFindings = 100;

/** The worst first: one bad part spoils a manifest, and what broke on one part has no opinion on the whole. */
const order = [
  'failed',
  'no-answer',
  'crashed',
  'passed',
  'nothing-to-check',
] as const satisfies readonly ExaminedCheck['result'][];

/**
 * What each check says of a manifest, from what it said of each part.
 *
 * @param checks every check that was begun, so that one which was shown nothing has a report too
 * @param parts for each part that was read, the reports in the order of the checks
 */
export function joinReports(
  checks: readonly Pick<ExaminedCheck, 'policy' | 'kind'>[],
  parts: readonly (readonly ExaminedCheck[])[],
): ExaminedCheck[] {
  return checks.map(({ policy, kind }, index) => {
    const reports = parts.flatMap((part) => part[index] ?? []);
    return { policy, kind, ...joinOne(reports) };
  });
}

function joinOne(reports: readonly ExaminedCheck[]): Omit<ExaminedCheck, 'policy' | 'kind'> {
  const result = order.find((each) => reports.some((report) => report.result === each));
  const found = reports.flatMap(({ findings }) => findings);
  const findings = found.slice(0, maxFindings);
  const unlisted =
    found.length - findings.length + reports.reduce((sum, report) => sum + (report.unlisted ?? 0), 0);
  return { result: result ?? 'nothing-to-check', findings, ...(unlisted > 0 && { unlisted }) };
}
