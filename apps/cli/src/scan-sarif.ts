import { digestOf, formatImage } from '@pratique/contracts';
import { ScanReport } from '../../scan/src/scan-report.js';
import { findingsOf, isClean, type ScanFinding, troublesOf } from './scan-findings.js';

const schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** Where a scanner gives no severity, a check has refused the image, which is an error. */
const levels: Record<string, 'error' | 'warning' | 'note'> = {
  medium: 'warning',
  low: 'note',
  negligible: 'note',
};

/**
 * A report of a scan as SARIF. https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
 *
 * A file of an image is an artifact by its path; its layer is a logical location. What somebody answers for is there, as suppressed. What
 * could not be read or asked is a notification, and the execution was then not successful.
 *
 * @param document a report; anything else is told as the failure that `lines` describe
 */
export function scanSarif(document: unknown, lines: readonly string[] = []): object {
  const parsed = ScanReport.safeParse(document);
  const report = parsed.success ? parsed.data : undefined;
  const findings = report === undefined ? [] : findingsOf(report);
  const rules = [...new Map(findings.map((finding) => [ruleId(finding), finding])).values()];
  const troubles = report === undefined ? lines : troublesOf(report);
  const status = report?.verdict?.status;
  const run = {
    tool: { driver: { name: 'Pratique', rules: rules.map(ruleOf) } },
    ...(report && {
      automationDetails: { id: `pratique/${report.image.registry}/${report.image.repository}/` },
    }),
    invocations: [
      {
        executionSuccessful: report !== undefined && status !== 'error' && status !== 'unscannable',
        toolExecutionNotifications: troubles.map((text) => ({ level: 'error', message: { text } })),
        ...(report && { startTimeUtc: report.startedAt, endTimeUtc: report.finishedAt }),
      },
    ],
    results: report === undefined ? [] : findings.map((finding) => resultOf(finding, { report, rules })),
    ...(report && { properties: { image: report.image, verdict: report.verdict, cleared: isClean(report) } }),
  };
  return { $schema: schema, version: '2.1.0', runs: [run] };
}

function ruleId({ check, id }: ScanFinding): string {
  return `${check}/${id}`;
}

function ruleOf(finding: ScanFinding): object {
  const { check, id, mend, link } = finding;
  return {
    id: ruleId(finding),
    shortDescription: { text: `${id}, found by the check ${check}` },
    help: { text: mend },
    ...(link !== undefined && URL.canParse(link) && { helpUri: link }),
  };
}

function resultOf(
  finding: ScanFinding,
  { report, rules }: { report: ScanReport; rules: readonly ScanFinding[] },
): object {
  const { message, mend, severity = '', policy, layer, exception, package: name } = finding;
  const id = ruleId(finding);
  const { path = '', line = '' } = finding;
  return {
    ruleId: id,
    ruleIndex: rules.findIndex((rule) => ruleId(rule) === id),
    kind: 'fail',
    level: levels[severity] ?? 'error',
    message: { text: `${message} ${mend}` },
    locations: [locationOf(finding, report)],
    // The same finding in the next build of the image is the same finding.
    partialFingerprints: {
      'pratique/v1': digestOf([report.image.repository, id, path, name ?? '', line].join('\n')),
    },
    ...(exception && {
      suppressions: [{ kind: 'external', status: 'accepted', justification: exception.reason }],
    }),
    properties: {
      policy,
      ...(layer && { layer }),
      ...(name && { package: name }),
      ...(severity && { severity }),
    },
  };
}

function locationOf({ path, line, layer }: ScanFinding, { image }: ScanReport): object {
  const uri = (path ?? formatImage({ repository: image.repository }))
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  return {
    physicalLocation: {
      artifactLocation: { uri },
      ...(line !== undefined && { region: { startLine: line } }),
    },
    ...(layer && { logicalLocations: [{ fullyQualifiedName: layer, kind: 'layer' }] }),
  };
}
