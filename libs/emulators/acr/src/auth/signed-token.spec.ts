import fc from 'fast-check';

import { openToken, signToken } from './signed-token.js';

const claims = { exp: 1000, sub: 'someone' };

describe('emulators/acr/auth/signed-token', () => {
  it.each(['', 'a', 'a.b', 'a.b.c', 'a.b.c.d', '..'])('does not open %p', (token) =>
    expect(openToken(token, 'key', 0)).toBeUndefined(),
  );

  it('does not open a token of another key', () =>
    expect(openToken(signToken(claims, 'key'), 'other', 0)).toBeUndefined());

  it('does not open a token without an end', () =>
    expect(openToken(signToken({ sub: 'someone' }, 'key'), 'key', 0)).toBeUndefined());

  it.each([1000, 1001])('does not open at %p what ends at 1000', (now) =>
    expect(openToken(signToken(claims, 'key'), 'key', now)).toBeUndefined(),
  );

  it('does not open a token that was changed anywhere', () => {
    const token = signToken(claims, 'key');
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom('A', 'b', '0', '.'), (at, character) => {
        fc.pre(token[at] !== character);
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        return openToken(changed, 'key', 0) === undefined;
      }),
    );
  });

  it('opens what it signed', () => {
    fc.assert(
      fc.property(fc.string(), (sub) =>
        expect(openToken(signToken({ ...claims, sub }, 'key'), 'key', 999)).toEqual({ ...claims, sub }),
      ),
    );
  });
});
