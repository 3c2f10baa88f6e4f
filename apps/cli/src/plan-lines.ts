import type { PlanRow } from '../../sync/src/explain/plan-row.js';

/** Rows as a table, with a line that counts them. */
export function planLines(rows: readonly PlanRow[]): string[] {
  if (rows.length === 0) return ['No rule has to do with it.'];
  const cells = rows.map((row) => [
    row.action,
    row.rule,
    withDigest(row.source, row.sourceDigest),
    row.target === undefined ? '-' : withDigest(row.target, row.targetDigest),
    row.reason,
  ]);
  const head = ['ACTION', 'RULE', 'SOURCE', 'TARGET', 'WHY'];
  const widths = head.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), ...cells.map(line), '', count(rows)];
}

function withDigest(place: string, digest: string | undefined): string {
  return digest === undefined ? place : `${place} (${digest.slice(digest.indexOf(':') + 1).slice(0, 12)})`;
}

const words: Record<PlanRow['action'], string> = {
  copy: 'to copy',
  overwrite: 'to overwrite',
  delete: 'to delete',
  wait: 'waiting for a decision',
  none: 'to leave as they are',
};

function count(rows: readonly PlanRow[]): string {
  const counts = Object.entries(words).flatMap(([action, text]) => {
    const number = rows.filter((row) => row.action === action).length;
    return number === 0 ? [] : [`${number} ${text}`];
  });
  return `${counts.join(', ')}.`;
}
