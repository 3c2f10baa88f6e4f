import type { Replay } from '../../scan/src/replay-policy.js';

export interface PolicyTest {
  policy: string;
  images: Replay[];
  /** Files that are no reports. */
  skipped: { file: string; problem: string }[];
}

const maxFindings = 3;

/** Whether a policy would have said something else than what was said. */
export function isChange({ was, would }: Pick<Replay, 'was' | 'would'>): boolean {
  // Where every policy only observed, the image went its way: what would not pass is the news.
  return was === 'observed' ? would !== 'passed' : was !== would;
}

/** For a person: what would have changed, image by image, and a sum. */
export function policyTestLines({ policy, images, skipped }: PolicyTest): string[] {
  const changed = images.filter(isChange);
  const unknown = changed.filter(({ would }) => would === 'unknown');
  const refused = changed.filter(
    ({ was, would }) => (was === 'passed' || was === 'observed') && !isOpen(would),
  );
  const cleared = changed.filter(({ would }) => would === 'passed');
  return [
    ...skipped.map(({ file, problem }) => `${file} ${problem}.`),
    ...changed.flatMap(linesOf),
    `${policy} on ${images.length} ${images.length === 1 ? 'scan' : 'scans'}: would have refused ${refused.length} more, ` +
      `cleared ${cleared.length} more; ${unknown.length} cannot be told.`,
  ];
}

function isOpen(would: Replay['would']): boolean {
  return would === 'passed' || would === 'unknown';
}

function linesOf({ image, scannedAt, was, would, findings, unknown }: Replay): string[] {
  const shown = findings.slice(0, maxFindings).map(({ id, message }) => `  ${id}: ${message}`);
  const more = findings.length - shown.length;
  return [
    `${image.repository}@${image.digest} in ${image.registry} (${scannedAt.slice(0, 10)}): ${was}, would be ${would}`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...unknown.map((why) => `  ? ${why}`),
  ];
}
