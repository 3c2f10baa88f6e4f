import { tokenLifetimeMs } from './token-lifetime.js';

const jwt = (claims: unknown): string => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`;

describe('oci/token-lifetime', () => {
  it('goes by what the token service says', () => {
    expect(tokenLifetimeMs(jwt({ exp: 5 }), 300)).toBe(300_000);
  });

  it('else by what the token itself says', () => {
    expect(tokenLifetimeMs(jwt({ exp: 100 }), undefined, 40_000)).toBe(60_000);
    expect(tokenLifetimeMs(jwt({ exp: 1 }), undefined, 40_000)).toBe(0);
  });

  it.each(['opaque', 'a.b.c', jwt('text'), jwt({ exp: 'never' })])('else takes a minute: %s', (token) => {
    expect(tokenLifetimeMs(token, undefined, 0)).toBe(60_000);
  });
});
