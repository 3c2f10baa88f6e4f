import fc from 'fast-check';
import { readPaxRecords, requireNoGlobalMeaning } from './pax-records.js';
import { UnscannableError } from './unscannable-error.js';

/** A record as a writer makes it: its length counts its own digits. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  const length = [1, 2, 3, 4].map((digits) => rest + digits).find((all) => String(all).length === all - rest);
  return `${length} ${key}=${value}\n`;
}

const read = (text: string) => readPaxRecords(Buffer.from(text));

const otherKey = fc.stringMatching(/^[a-z]{1,12}$/).filter((key) => !/^(?:path|linkpath|size)$/.test(key));
const anyText = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 300 })
  .filter((text) => !text.includes('\0'));

describe('scan/pax-records', () => {
  it('finds path and size among whatever else is told', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(otherKey, anyText), { maxLength: 5 }),
        anyText,
        fc.nat(),
        (others, path, size) => {
          const records = others.map(([key, value]) => record(key, value));
          records.splice(records.length / 2, 0, record('path', path), record('size', String(size)));
          expect(read(records.join(''))).toEqual({ path, size });
        },
      ),
    );
  });

  it('never reads anything but records, and never breaks otherwise than by refusing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          readPaxRecords(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(UnscannableError);
        }
      }),
    );
  });

  it.each([
    ['no length', 'path=a\n'],
    ['a length that begins with zero', '010 path=a\n'],
    ['a length of eleven digits', '00000000009 path=a\n'],
    ['a length that is longer than the header', '99 path=a\n'],
    ['a length that ends within the record', '8 path=a\n'],
    ['a length that ends within its own digits', '1 a=b\n'],
    ['a sign before the length', '+9 path=a\n'],
    ['no space behind the length', '9\tpath=a\n'],
    ['no equals sign', '9 pathxa\n\n'],
    ['no key', '5 =a\n'],
    ['an equals sign of the next record', '7 path\n9 path=a\n'],
  ])('refuses %s', (_, text) => {
    expect(() => read(text)).toThrow(/malformed/);
  });

  it.each([['path'], ['linkpath'], ['size'], ['GNU.sparse.map']])('refuses a global %s', (key) => {
    expect(() => requireNoGlobalMeaning(Buffer.from(record(key, '1')))).toThrow(/global/);
  });
});
