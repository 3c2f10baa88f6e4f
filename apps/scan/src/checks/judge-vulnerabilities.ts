import type { Vulnerability, ScannerReport } from '../scanners/vulnerability.js';
import { harmlessBy } from '../vex/apply-vex.js';
import type { VexStatement } from '../vex/open-vex.js';
import type { CheckReport } from './check.js';
import { type Finding, severities } from './finding.js';
import { Findings } from './findings.js';
import type { VulnerabilitiesSettings } from './vulnerabilities.settings.js';

// Whoever bears some of them by exceptions needs to see them all, so more than of other findings.
const maxFindings = 1000;

/**
 * What a policy makes of a scanner's report: which vulnerabilities count, and what would make the image pass.
 *
 * @param vex what is said of them by those whom the policy trusts
 */
export function judgeVulnerabilities(
  { scanner, vulnerabilities, recognised }: ScannerReport,
  settings: VulnerabilitiesSettings,
  vex: readonly VexStatement[] = [],
): CheckReport {
  const findings = new Findings(maxFindings);
  // The worst first, for only so many are kept and shown.
  const worstFirst = vulnerabilities.toSorted((one, other) => rankOf(other) - rankOf(one));
  for (const vulnerability of worstFirst) {
    const why = whyRefused(vulnerability, settings);
    if (why === undefined || harmlessBy(vulnerability, vex) !== undefined) continue;
    findings.add(describe(vulnerability, why));
  }
  const judged = recognised !== false || settings.unrecognised === 'allow';
  return { ...findings.report({ judged }), scanner };
}

/** Why a vulnerability counts, as the end of a sentence; undefined when the policy bears it. */
export function whyRefused(
  { severity, fixedVersion, epss, knownExploited }: Vulnerability,
  settings: VulnerabilitiesSettings,
): string | undefined {
  if (settings.onlyFixable && fixedVersion === undefined) return undefined;
  if (knownExploited === true && settings.knownExploited === 'refuse') return 'is known to be exploited';
  if (settings.epss !== undefined && epss !== undefined && epss >= settings.epss) {
    return `is exploited within 30 days with a likelihood of ${epss}`;
  }
  if (severity === 'unknown') {
    return settings.unknownSeverity === 'refuse' ? 'has been rated by nobody yet' : undefined;
  }
  const counts = severities.indexOf(severity) >= severities.indexOf(settings.severity);
  return counts ? `is ${severity}` : undefined;
}

function rankOf({ severity, knownExploited, score = 0 }: Vulnerability): number {
  return (knownExploited === true ? 1000 : 0) + severities.indexOf(severity) * 100 + score;
}

function describe(found: Vulnerability, why: string): Finding {
  const { id, version, fixedVersion, severity, path, layer, link } = found;
  const name = found.package;
  const what = `${name} ${version}`.trim() || 'A package';
  return {
    id,
    severity,
    message: `${what.slice(0, 300)} has ${id}, which ${why}.`.toWellFormed(),
    mend: mendOf(found, fixedVersion),
    ...(name !== '' && { package: name }),
    ...(path !== undefined && { path }),
    ...(layer !== undefined && { layer }),
    ...(link !== undefined && { link }),
  };
}

function mendOf({ package: name }: Vulnerability, fixedVersion: string | undefined): string {
  if (fixedVersion === undefined)
    return 'Nobody has mended it yet: do without the package, or make an exception.';
  return `Build the image with ${name.slice(0, 80)} ${fixedVersion.slice(0, 80)} or newer.`.toWellFormed();
}
