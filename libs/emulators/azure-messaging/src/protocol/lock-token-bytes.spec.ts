import * as fc from 'fast-check';

import { lockTokenToTag, tagToLockToken, uuidToLockToken } from './lock-token-bytes.js';

describe('protocol/lock-token-bytes', () => {
  it('writes the first three groups of a token backwards, as .NET does', () => {
    expect(lockTokenToTag('00112233-4455-6677-8899-aabbccddeeff').toString('hex')).toBe(
      '33221100554477668899aabbccddeeff',
    );
  });

  it('reads back every token that it writes', () => {
    fc.assert(
      fc.property(fc.uuid(), (token) => {
        expect(tagToLockToken(lockTokenToTag(token))).toBe(token);
        expect(uuidToLockToken(Buffer.from(token.replaceAll('-', ''), 'hex'))).toBe(token);
      }),
    );
  });

  it('leaves a tag alone that is no token', () => {
    expect(tagToLockToken(Buffer.from('3'))).toBeUndefined();
  });
});
