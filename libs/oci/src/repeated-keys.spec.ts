import fc from 'fast-check';
import { hasRepeatedKeys } from './repeated-keys.js';

const inText = (text: string): boolean => hasRepeatedKeys(text, JSON.parse(text));

describe('oci/repeated-keys', () => {
  it.each([
    '{"a":1,"a":1}',
    '{"a":1 , "b":{}, "a" : 2}',
    '[{"a":{"b":1,"b":2}}]',
    '{"a":{"b":1},"a":{"c":1}}',
    '{"a":1,"\\u0061":2}',
    '{"\\\\":1,"\\\\":2}',
  ])('finds the second of two in %s', (text) => {
    expect(inText(text)).toBe(true);
  });

  it.each(['{}', '"a"', '{"a":"\\":"}', '{"a":{"a":[{"a":1},{"a":1}]}}', '{"__proto__":1}', '["a",":"]'])(
    'finds none in %s',
    (text) => {
      expect(inText(text)).toBe(false);
    },
  );

  it('finds none in whatever JavaScript writes', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => !inText(JSON.stringify(json, undefined, 1))));
  });

  it('bears any depth', () => {
    const depth = 200_000;
    expect(inText('['.repeat(depth) + ']'.repeat(depth))).toBe(false);
  });
});
