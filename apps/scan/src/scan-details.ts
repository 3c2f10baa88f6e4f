import type { OutcomeOf } from '@pratique/contracts';
import type { ScanException } from './scan-exception.settings.js';
import type { ExaminedCheck, ExaminedManifest } from './verdict.js';

// With the longest of everything, these stay below the 64 KiB that an outcome may have.
const maxChecks = 50;
const maxFindings = 20;
const maxExceptions = 10;

/**
 * What an outcome says of each check and of what it found: the evidence, and what would make it pass. Whoever reads the lists
 * can tell from the counts whether they are all.
 */
export function detailsOf(
  manifests: readonly ExaminedManifest[],
): NonNullable<OutcomeOf<'scan.failed'>['data']['details']> {
  const checks = manifests.flatMap((manifest) =>
    manifest.kind === 'image'
      ? manifest.checks.map((check) => ({ ...check, manifest: manifest.digest }))
      : [],
  );
  const findings = checks.flatMap((check) =>
    check.findings.map(({ link: _inTheReport, ...finding }) => ({ check: check.kind, ...finding })),
  );
  const exceptions = [
    ...new Set(checks.flatMap(({ excepted = [] }) => excepted.map(({ exception }) => exception))),
  ];
  return {
    manifests: manifests.length,
    checks: checks.slice(0, maxChecks).map(describeCheck),
    findings: findings.slice(0, maxFindings),
    checkCount: checks.length,
    findingCount: findings.length + checks.reduce((sum, { unlisted = 0 }) => sum + unlisted, 0),
    ...(exceptions.length > 0 && {
      exceptions: exceptions.slice(0, maxExceptions).map(describeException),
      exceptionCount: exceptions.length,
    }),
  };
}

function describeCheck(check: ExaminedCheck & { manifest: string }): Record<string, string | number> {
  const { manifest, policy, kind, result, findings, unlisted = 0, excepted = [], noAnswer } = check;
  return {
    manifest,
    policy,
    check: kind,
    result,
    findings: findings.length + unlisted,
    ...(excepted.length > 0 && { excepted: excepted.length }),
    ...(noAnswer && { reason: noAnswer.reason }),
  };
}

function describeException({ id, owner, ticket, expires }: ScanException): Record<string, string> {
  return { id, owner: owner.slice(0, 100), ticket: ticket.slice(0, 100), expires };
}
