import { formatImage } from '@pratique/contracts';
import type { ReportedVerdict, ScanReport } from '../../scan/src/scan-report.js';
import { findingsOf, type ScanFinding, troublesOf, unlistedOf } from './scan-findings.js';

// A person reads the first few, and programs have --json.
const mostFindings = 50;

/** A report of a scan for a person: a table of the checks, then what each found and what would mend it. */
export function scanLines(report: ScanReport): string[] {
  const findings = findingsOf(report);
  const more = Math.max(0, findings.length - mostFindings) + unlistedOf(report);
  return [
    ...table([
      ['POLICY', 'CHECK', 'RESULT', 'FINDINGS', 'MANIFEST'],
      ...report.manifests.flatMap(({ digest, checks }) =>
        checks.map(({ policy, kind, result, findings: found, unlisted }) => [
          ...[policy, kind, result, String(found.length + unlisted), digest.slice(0, 19)],
        ]),
      ),
    ]),
    '',
    ...findings.slice(0, mostFindings).flatMap(linesOf),
    ...(more > 0 ? [`… and ${more} more (--json has those that were kept)`] : []),
    ...troublesOf(report),
    ...report.observed.map(
      ({ policy, verdict }) => `${policy} only observes, and would have said: ${verdict.status}.`,
    ),
    sentenceOf(report),
  ];
}

function linesOf(finding: ScanFinding): string[] {
  const { check, id, severity, message, mend, exception } = finding;
  const what = [check, id, ...(severity ? [severity] : [])].join(' ');
  if (exception !== undefined) {
    return [
      `${what}: ${message}`,
      `  excepted until ${exception.expires} by ${exception.owner} (${exception.ticket})`,
    ];
  }
  return [`${what}: ${message}`, `  ${mend}`];
}

function sentenceOf({ image, verdict, policies }: ScanReport): string {
  const where = `${formatImage(image)} in ${image.registry}`;
  if (verdict === undefined)
    return `${where} would neither be cleared nor blocked: every policy only observes.`;
  return `${where} ${says[verdict.status]} by ${policies.map(({ name }) => name).join(', ')}.`;
}

const says: Record<ReportedVerdict['status'], string> = {
  passed: 'would be cleared',
  failed: 'would be refused',
  unscannable: 'would be refused, for it cannot be read in full,',
  error: 'would have no verdict, and so not be cleared,',
};

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
