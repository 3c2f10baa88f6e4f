import fc from 'fast-check';
import { readAuthChallenge } from './auth-challenge.js';

describe('oci/auth-challenge', () => {
  it('reads what distribution and ACR send', () => {
    const header =
      'Bearer realm="https://a.azurecr.io/oauth2/token",service="a.azurecr.io",scope="repository:x:pull,push repository:y:pull",error="invalid_token"';
    expect(readAuthChallenge(header)).toEqual({
      scheme: 'bearer',
      realm: 'https://a.azurecr.io/oauth2/token',
      service: 'a.azurecr.io',
      scopes: ['repository:x:pull,push', 'repository:y:pull'],
    });
  });

  it('takes names in any case, spaces around "=", and values without quotes', () => {
    expect(readAuthChallenge('BEARER Realm = https://a/t , SERVICE=a')).toMatchObject({
      realm: 'https://a/t',
      service: 'a',
    });
  });

  it('prefers Bearer to Basic and passes over schemes that it does not know', () => {
    const header = ['Negotiate YII=', 'Basic realm="b"', 'Bearer realm="https://a/t"'];
    expect(readAuthChallenge(header)).toMatchObject({ scheme: 'bearer', realm: 'https://a/t' });
    expect(readAuthChallenge('Negotiate YII=, Basic realm="b"')).toEqual({ scheme: 'basic', realm: 'b' });
  });

  it('lets no second realm replace the first', () => {
    expect(readAuthChallenge('Bearer realm="https://a/t",realm="https://evil/t"')).toMatchObject({
      realm: 'https://a/t',
    });
  });

  it.each([
    undefined,
    '',
    'Digest realm="x"',
    'Bearer',
    'Bearer service="a"',
    `Bearer realm="${'x'.repeat(9000)}"`,
  ])('finds nothing to answer in %p', (header) => {
    expect(readAuthChallenge(header)).toBeUndefined();
  });

  it('reads back every value that can be quoted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 50 }), (value) => {
        fc.pre(!/[\r\n\0]/.test(value));
        const quoted = value.replaceAll(/["\\]/g, '\\$&');
        expect(readAuthChallenge(`Bearer realm="${quoted}",service="s"`)).toMatchObject({
          realm: value,
          service: 's',
        });
      }),
    );
  });

  it('answers whatever a registry sends', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (noise) => {
        expect(() => readAuthChallenge(`Bearer ${noise}`)).not.toThrow();
      }),
    );
  });
});
