import { describeNamePattern, describeTagPattern, nameMatcherOf, tagMatcherOf } from '@pratique/config';
import type { SyncRule } from './sync-rule.js';

/** What a rule says of names: compiled once for the life of the process. */
export interface NameSelection {
  /** Why a rule does not take a repository; undefined where it does. The reason follows on the rule's name. */
  refusesRepository(repository: string): NameRefusal | undefined;
  refusesTag(tag: string): NameRefusal | undefined;
}

export interface NameRefusal {
  code: 'repository' | 'tag' | 'excluded';
  reason: string;
}

export function nameSelection(rule: Pick<SyncRule, 'repositories' | 'tags' | 'exclude'>): NameSelection {
  const { exclude = {} } = rule;
  const takesRepository = nameMatcherOf(rule.repositories);
  const leavesRepository = nameMatcherOf(exclude.repositories ?? []);
  const takesTag = tagMatcherOf(rule.tags);
  const leavesTag = tagMatcherOf(exclude.tags ?? []);
  return {
    refusesRepository: (repository) => {
      if (!takesRepository(repository))
        return {
          code: 'repository',
          reason: `takes the repositories ${list(rule.repositories.map(describeNamePattern))}`,
        };
      if (!leavesRepository(repository)) return undefined;
      return excluded('repositories', (exclude.repositories ?? []).map(describeNamePattern));
    },
    refusesTag: (tag) => {
      if (!takesTag(tag))
        return { code: 'tag', reason: `takes the tags ${list(rule.tags.map(describeTagPattern))}` };
      if (!leavesTag(tag)) return undefined;
      return excluded('tags', (exclude.tags ?? []).map(describeTagPattern));
    },
  };
}

function excluded(what: string, patterns: readonly string[]): NameRefusal {
  return { code: 'excluded', reason: `excludes the ${what} ${list(patterns)}` };
}

// A message has 2,048 characters for all rules together.
const maxShownPatterns = 5;

function list(patterns: readonly string[]): string {
  const shown = patterns.slice(0, maxShownPatterns).join(', ');
  const more = patterns.length - maxShownPatterns;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
