import * as fc from 'fast-check';

import { likePattern } from './like-pattern.js';

/** The definition, letter by letter: exponential, and obviously right. */
function matchesByDefinition(pattern: string, text: string): boolean {
  const [step, rest] = [pattern[0], pattern.slice(1)];
  if (step === undefined) return text === '';
  if (step === '%') {
    return matchesByDefinition(rest, text) || (text !== '' && matchesByDefinition(pattern, text.slice(1)));
  }
  return text !== '' && (step === '_' || step === text[0]) && matchesByDefinition(rest, text.slice(1));
}

describe('engine/filter/like-pattern', () => {
  it('agrees with the definition for all patterns', () => {
    const letters = (alphabet: string): fc.Arbitrary<string> =>
      fc
        .array(fc.constantFrom(...alphabet.split('')), { maxLength: 8 })
        .map((characters) => characters.join(''));
    fc.assert(
      fc.property(letters('ab%_'), letters('ab'), (pattern, text) => {
        expect(likePattern(pattern)(text)).toBe(matchesByDefinition(pattern, text));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes the character after the escape character literally', () => {
    const matches = likePattern('100!%!_%', '!');

    expect(matches('100%_x')).toBe(true);
    expect(matches('100xx')).toBe(false);
  });

  it('counts a character outside the basic plane as one', () => {
    expect(likePattern('_')('😀')).toBe(true);
  });

  it('needs no more than text length × pattern length steps for a hostile pattern', () => {
    expect(likePattern(`${'%a'.repeat(300)}b`)('a'.repeat(20_000))).toBe(false);
  });
});
