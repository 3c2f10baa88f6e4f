import type { TopologyReport } from '@pratique/messaging';

/** The findings of a topology in sentences, and what could not be seen. */
export function findingLines({ findings, unverified }: TopologyReport): string[] {
  return [
    ...findings.map(({ entity, problem, mend }) => `${entity} ${problem}: ${mend}`),
    ...unverified.map((sentence) => `note: ${sentence}`),
  ];
}
