import picomatch from 'picomatch';
import { z } from 'zod';

// Lists give alternatives and every rule is an allow-list, so braces, classes and negation would only add ways to
// match more than was meant.
const plainWildcards = { dot: true, nobrace: true, nobracket: true, noextglob: true, nonegate: true };

/**
 * A pattern for repositories or tags: `*` stands for anything within one segment of a name, `**` for any segments,
 * `?` for one character.
 */
export const ImagePattern = z
  .string()
  .min(1)
  .max(255, 'is longer than 255 characters')
  .regex(
    /^[a-zA-Z0-9._\-/*?]+$/,
    'is not a pattern: write letters, digits and . _ - / with the wildcards * (within a segment), ** (across segments) and ?',
  );
export type ImagePattern = z.infer<typeof ImagePattern>;

/** Compiles patterns once. The function tells whether any of them matches. */
export function matcherOf(patterns: readonly ImagePattern[]): (name: string) => boolean {
  return picomatch([...patterns], plainWildcards);
}
