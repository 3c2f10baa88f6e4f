import {
  exampleVersionsOf,
  type NamePattern,
  nameMatcherOf,
  tagMatcherOf,
  type TagPattern,
} from '@pratique/config';
import type { SyncRule } from './sync-rule.js';
import type { NamedImage } from './target-name.js';

type Names = Pick<SyncRule, 'repositories' | 'tags' | 'exclude'>;

/**
 * Which names a rule may take, for the search for endless copying: as {@link nameSelection}, but a regular expression takes
 * everything and excludes nothing. The search tries names that it makes from patterns, and none can be made from those.
 */
export function cautiousSelection({
  repositories,
  tags,
  exclude = {},
}: Names): (image: NamedImage) => boolean {
  const takesRepository = repositories.some(isRegex) ? () => true : nameMatcherOf(repositories);
  const takesTag = tags.some(isRegex) ? () => true : tagMatcherOf(tags);
  const leavesRepository = nameMatcherOf((exclude.repositories ?? []).filter(isExact));
  const leavesTag = tagMatcherOf((exclude.tags ?? []).filter(isExact));
  return ({ repository, tag }) =>
    takesRepository(repository) && takesTag(tag) && !leavesRepository(repository) && !leavesTag(tag);
}

/** Whether nothing about a rule has to be guessed. */
export function isCertain({ repositories, tags, exclude = {} }: Names): boolean {
  return [repositories, tags, exclude.repositories ?? [], exclude.tags ?? []].flat().every(isExact);
}

/** A pattern in wildcards, from which names can be made. @param anything what stands for a regular expression */
export function wildcardsOf(pattern: TagPattern, anything: '*' | '**'): string[] {
  if (typeof pattern === 'string') return [pattern];
  return 'regex' in pattern ? [anything] : exampleVersionsOf(pattern);
}

function isRegex(pattern: NamePattern | TagPattern): boolean {
  return typeof pattern === 'object' && 'regex' in pattern;
}

function isExact(pattern: NamePattern | TagPattern): boolean {
  return !isRegex(pattern);
}
