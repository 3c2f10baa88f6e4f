import fc from 'fast-check';

import { requestedRange } from './byte-range.js';

describe('emulators/acr/distribution/byte-range', () => {
  it.each([undefined, '', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=a-b'])(
    'sends everything for %p',
    (header) => expect(requestedRange(header, 10)).toBeUndefined(),
  );

  it.each(['bytes=10-', 'bytes=10-20', 'bytes=-0'])('cannot satisfy %s of ten bytes', (header) =>
    expect(requestedRange(header, 10)).toBe('unsatisfiable'),
  );

  it('stays within the bytes that there are', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.integer({ min: 1, max: 500 }), (start, length, size) => {
        const range = requestedRange(`bytes=${start}-${start + length}`, size);
        if (start >= size) return range === 'unsatisfiable';
        return (
          typeof range === 'object' &&
          range.start === start &&
          range.end === Math.min(start + length, size - 1)
        );
      }),
    );
  });

  it('gives the last bytes for a suffix', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 500 }), (suffix, size) => {
        const range = requestedRange(`bytes=-${suffix}`, size);
        return (
          typeof range === 'object' && range.end === size - 1 && range.start === Math.max(0, size - suffix)
        );
      }),
    );
  });
});
