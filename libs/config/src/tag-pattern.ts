import { z } from 'zod';
import { ImagePattern } from './image-pattern.js';
import { describeNamePattern, nameMatcherOf, RegexPattern } from './name-pattern.js';
import { versionMatcherOf, VersionPattern } from './version-pattern.js';

/** A pattern for tags: a glob, a regular expression, or a range of versions. */
export const TagPattern = z.union([ImagePattern, RegexPattern, VersionPattern], {
  error: "is neither a pattern such as 'v*' nor { regex: … } nor { semver: '>=1.2 <3' }",
});
export type TagPattern = z.infer<typeof TagPattern>;

/** Compiles patterns once. The function tells whether any of them matches a tag. */
export function tagMatcherOf(patterns: readonly TagPattern[]): (tag: string) => boolean {
  const matchers = patterns.map((pattern) =>
    typeof pattern === 'object' && 'semver' in pattern ? versionMatcherOf(pattern) : nameMatcherOf([pattern]),
  );
  return (tag) => matchers.some((matches) => matches(tag));
}

/** A pattern as people write it. */
export function describeTagPattern(pattern: TagPattern): string {
  if (typeof pattern === 'string' || 'regex' in pattern) return describeNamePattern(pattern);
  return `${pattern.semver}${pattern.prereleases === true ? ' with pre-releases' : ''}`;
}
