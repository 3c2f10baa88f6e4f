import { matcherOf } from '@pratique/config';
import type { Digest, RepositoryName } from '@pratique/contracts';
import type { Finding } from './checks/check.js';
import { pathMatcher } from './path-matcher.js';
import type { ScanException } from './scan-exception.settings.js';
import type { ExaminedCheck, ExceptedFinding } from './verdict.js';

/** A manifest on which something was found. */
export interface ExceptionPlace {
  repository: RepositoryName;
  /** The manifest, and every index through which it was reached. */
  digests: readonly Digest[];
  now: Date;
}

/**
 * Takes from a check's findings those that somebody answers for. When none is left, and none was left out for want of
 * room, the check has passed: it did look, and all that it saw is known.
 *
 * A check that broke, gave no answer or saw nothing stays as it is. An exception that has run out changes nothing, but the
 * finding says that there was one.
 */
export function applyExceptions(
  check: ExaminedCheck,
  exceptions: readonly ScanException[],
  place: ExceptionPlace,
): ExaminedCheck {
  if (check.result !== 'failed') return check;
  const findings: Finding[] = [];
  const excepted: ExceptedFinding[] = [];
  for (const finding of check.findings) {
    const matching = exceptions.filter((exception) => covers(exception, finding, place));
    const valid = matching.find((exception) => !hasRunOut(exception, place.now));
    if (valid === undefined) findings.push(matching[0] ? withReminder(finding, matching[0]) : finding);
    else excepted.push({ finding, exception: valid });
  }
  if (excepted.length === 0) return { ...check, findings };
  const isClean = findings.length === 0 && (check.unlisted ?? 0) === 0;
  return { ...check, result: isClean ? 'passed' : 'failed', findings, excepted };
}

/** Whether an exception no longer counts: it does to the end of its last day, in UTC. */
export function hasRunOut({ expires }: Pick<ScanException, 'expires'>, now: Date): boolean {
  return now.toISOString().slice(0, 10) > expires;
}

/** Every scope that the exception names has to fit. What a finding does not say cannot be matched. */
function covers(exception: ScanException, finding: Finding, place: ExceptionPlace): boolean {
  const { id, packages, paths, repositories, digests } = exception;
  if (id !== finding.id) return false;
  return [
    packages === undefined || (finding.package !== undefined && pathMatcher(packages)(finding.package)),
    paths === undefined || (finding.path !== undefined && pathMatcher(paths)(finding.path)),
    repositories === undefined || matcherOf(repositories)(place.repository),
    digests === undefined || place.digests.some((digest) => digests.includes(digest)),
  ].every(Boolean);
}

function withReminder(finding: Finding, { ticket, owner, expires }: ScanException): Finding {
  const mend = `Its exception ended on ${expires}: renew it, or mend the image (${ticket}, ${owner}).`;
  return { ...finding, mend: mend.length > 200 ? `${mend.slice(0, 198)}….`.toWellFormed() : mend };
}
