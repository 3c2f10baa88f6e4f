import fc from 'fast-check';
import { deriveId } from './derive-id.js';

const parts = fc
  .array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 })
  .map((list) => list as [string, ...string[]]);

describe('contracts/derive-id', () => {
  it('gives the same id for the same parts, short enough for a MessageId', () => {
    fc.assert(
      fc.property(parts, (list) => {
        expect(deriveId(...list)).toBe(deriveId(...list));
        expect(deriveId(...list)).toMatch(/^[A-Za-z0-9_-]{43}$/);
      }),
    );
  });

  it('gives different ids for different parts, however they are cut', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(deriveId(...one)).not.toBe(deriveId(...other));
      }),
    );
    expect(deriveId('ab', 'c')).not.toBe(deriveId('a', 'bc'));
    expect(deriveId('a')).not.toBe(deriveId('a', ''));
  });

  it('stays what it was in earlier versions, because ids already in ledgers depend on it', () => {
    expect(deriveId('io.pratique.image.pushed.v1', 'vendor', '1')).toBe(
      'I8AGdJD6zk8oEmPsJdhTkbl-DKcLA6KvvfzU5obh0kM',
    );
  });
});
