import type { RegistryName, RepositoryName } from '@pratique/contracts';
import type { RepositoryComparison } from './compare-repository.js';

/** What a comparison came to. */
export interface ReconcileSummary {
  rules: number;
  /** Repositories that the rules take, as far as they are listed. */
  expected: number;
  /** Repositories that were compared. */
  repositories: number;
  /** Tags of the sources. */
  tags: number;
  /** Requests for lists and single tags; a list that goes over several pages counts once. */
  requests: number;
  same: number;
  missing: number;
  different: number;
  leftOver: number;
  /** What rules do not take, or do not overwrite. */
  notTaken: number;
  /** Events, one for each tag of a source. */
  published: number;
  /** Beyond what one run publishes: the next finds them. */
  postponed: number;
  /** Deletions that wait for an operator's word, because the source shows no tag at all. */
  held: { rule: string; registry: RegistryName; tags: number }[];
  failures: { rule: string; repository?: RepositoryName; code: string; message: string }[];
  /** Milliseconds that a registry asked to be left alone for; 0 when none did. */
  retryAfterMs: number;
  durationMs: number;
}

export function newSummary(): ReconcileSummary {
  return {
    ...{
      rules: 0,
      expected: 0,
      repositories: 0,
      tags: 0,
      requests: 0,
      same: 0,
      missing: 0,
      different: 0,
      leftOver: 0,
    },
    ...{ notTaken: 0, published: 0, postponed: 0, held: [], failures: [], retryAfterMs: 0, durationMs: 0 },
  };
}

export function countComparison(summary: ReconcileSummary, comparison: RepositoryComparison): void {
  const { tags, compared, refused } = comparison;
  summary.repositories += 1;
  summary.tags += tags;
  summary.notTaken += refused.length;
  for (const { state } of compared) {
    if (state === 'same' || state === 'missing' || state === 'different') summary[state] += 1;
    else if (state === 'left-over') summary.leftOver += 1;
    else if (state !== 'gone') summary.notTaken += 1;
  }
}

/** A summary in a sentence. */
export function describeSummary(summary: ReconcileSummary): string {
  const { repositories, tags, same, missing, different, leftOver, published, requests } = summary;
  return (
    `${tags} tags in ${repositories} repositories compared with ${requests} requests: ${same} as they should be, ` +
    `${missing} missing, ${different} different, ${leftOver} left over; ${published} events published.`
  );
}
