import type { Vulnerability } from '../scanners/vulnerability.js';
import type { VexStatement } from './open-vex.js';
import { purlCovers } from './purl.js';

/**
 * The statement by which a vulnerability does no harm to the image: the last that is about it says so, and no other of the
 * same moment says otherwise. Undefined when there is none.
 */
export function harmlessBy(
  vulnerability: Pick<Vulnerability, 'id' | 'purl'>,
  statements: readonly VexStatement[],
): VexStatement | undefined {
  const about = statements.filter((statement) => isAbout(statement, vulnerability));
  const last = Math.max(...about.map(momentOf));
  const latest = about.filter((statement) => momentOf(statement) === last);
  const isHarmless = latest.every(({ status }) => status === 'not_affected' || status === 'fixed');
  return isHarmless ? latest[0] : undefined;
}

function isAbout(
  { vulnerabilities, packages }: VexStatement,
  { id, purl }: Pick<Vulnerability, 'id' | 'purl'>,
): boolean {
  if (!vulnerabilities.includes(id)) return false;
  if (packages === undefined) return true;
  // Without its URL nobody can tell which package it is.
  return purl !== undefined && packages.some((each) => purlCovers(each, purl));
}

function momentOf({ timestamp }: VexStatement): number {
  return Date.parse(timestamp);
}
