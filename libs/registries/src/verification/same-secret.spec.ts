import { Secret } from '@pratique/config';
import * as fc from 'fast-check';
import { sameSecret } from './same-secret.js';

describe('registries/verification/same-secret', () => {
  it('says yes to the secret and no to everything else, of any length', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (candidate, secret) => {
        expect(sameSecret(candidate, new Secret(secret))).toBe(candidate === secret);
        expect(sameSecret(secret, new Secret(secret))).toBe(true);
      }),
    );
  });
});
