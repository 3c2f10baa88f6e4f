import { RE2JS, RE2JSException } from 're2js';
import { z } from 'zod';
import { ImagePattern, matcherOf } from './image-pattern.js';

// RE2 takes time in proportion to the text and to the compiled expression; names are short, and this bounds the other.
const maxProgramSize = 5_000;

/**
 * A regular expression for whole names: `{ regex: 'team-[a-z]+/.*' }`. It is RE2's syntax, in which no expression takes more
 * than linear time, so look-around and back references do not exist. https://github.com/google/re2/wiki/Syntax
 */
export const RegexPattern = z.strictObject({
  regex: z
    .string()
    .min(1)
    .max(255, 'is longer than 255 characters')
    .superRefine((text, context) => {
      const message = regexProblem(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }),
});
export type RegexPattern = z.infer<typeof RegexPattern>;

const notAPattern = 'is neither a pattern such as team/* nor { regex: … }';

/** A pattern for names: a glob, or a regular expression that the whole name must match. */
export const NamePattern = z.union([ImagePattern, RegexPattern], { error: notAPattern });
export type NamePattern = z.infer<typeof NamePattern>;

/** Compiles patterns once. The function tells whether any of them matches a name. */
export function nameMatcherOf(patterns: readonly NamePattern[]): (name: string) => boolean {
  const globs = patterns.filter((pattern) => typeof pattern === 'string');
  const matchesGlob = globs.length > 0 ? matcherOf(globs) : () => false;
  const expressions = patterns.flatMap((pattern) =>
    typeof pattern === 'string' ? [] : [RE2JS.compile(pattern.regex)],
  );
  return (name) => matchesGlob(name) || expressions.some((expression) => expression.testExact(name));
}

/** A pattern as people write it. */
export function describeNamePattern(pattern: NamePattern): string {
  return typeof pattern === 'string' ? pattern : `/${pattern.regex}/`;
}

function regexProblem(text: string): string | undefined {
  try {
    const size = RE2JS.compile(text).programSize();
    return size > maxProgramSize ? 'is too large: repeat less' : undefined;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return `is not a regular expression of RE2 (${error.message}); it has no look-around and no back references`;
  }
}
