import fc from 'fast-check';
import { blockSize, isZeroBlock, readTarHeader } from './tar-header.js';

interface Fields {
  size?: string;
  magic?: string;
  end?: string;
}

/** A POSIX header with a right checksum, whatever else is in it. */
function header({ size = '00000000005\0', magic = 'ustar\x0000', end = '\0\0\0\0' }: Fields): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write('name', 0);
  block.write(size, 124, 12, 'latin1');
  block.write('0', 156);
  block.write(magic, 257, 'latin1');
  block.write(end, 508, 'latin1');
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** What the field has to look like, written as a pattern. */
const octal = /^ *([0-7]+)[ \0]*$/;

describe('scan/tar-header', () => {
  it('reads as a size what is spaces, octal digits and fillers, and refuses everything else', () => {
    const anyField = fc
      .array(fc.constantFrom(' ', '\0', '0', '3', '7', '8', '-', 'x'), { minLength: 12, maxLength: 12 })
      .map((characters) => characters.join(''));
    const wellFormed = fc
      .tuple(fc.nat(4), fc.stringMatching(/^[0-7]{1,8}$/), fc.stringMatching(/^[ \0]{12}$/))
      .map(([spaces, digits, fillers]) => `${' '.repeat(spaces)}${digits}${fillers}`.slice(0, 12));
    fc.assert(
      fc.property(fc.oneof(anyField, wellFormed), (size) => {
        const digits = octal.exec(size)?.[1];
        if (digits === undefined) expect(() => readTarHeader(header({ size }))).toThrow(/unreadable size/);
        else expect(readTarHeader(header({ size })).size).toBe(Number.parseInt(digits, 8));
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads sizes above eight gigabytes in the form of GNU, and refuses one below zero', () => {
    expect(readTarHeader(header({ size: '\x80\0\0\0\0\0\0\x02\0\0\0\x01' })).size).toBe(2 ** 33 + 1);
    expect(() => readTarHeader(header({ size: '\xff'.repeat(12) }))).toThrow(/unreadable size/);
  });

  it('refuses a header of which a bit was flipped', () => {
    fc.assert(
      fc.property(fc.nat(blockSize - 1), fc.nat(7), (at, bit) => {
        const block = header({});
        const isInChecksum = at >= 148 && at < 156;
        block[at] = (block[at] as number) ^ (1 << bit);
        if (!isInChecksum) expect(() => readTarHeader(block)).toThrow(/wrong checksum/);
      }),
    );
  });

  it.each([
    ['the POSIX format', { magic: 'ustar\x0000' }, true],
    ['the GNU format', { magic: 'ustar  \0' }, true],
    ['the old format, which has no magic', { magic: '\0'.repeat(8) }, false],
    ["GNU's magic with another version", { magic: 'ustar 00' }, false],
    ["star's variant of POSIX", { end: 'tar\0' }, false],
  ])('takes %s: %j', (...[, fields, isTaken]) => {
    const read = (): unknown => readTarHeader(header(fields));
    if (isTaken) expect(read()).toMatchObject({ name: 'name', type: '0' });
    else expect(read).toThrow(/not a tar archive/);
  });

  it.each([
    [blockSize, undefined, true],
    [blockSize, 511, false],
    [3 * blockSize, undefined, true],
    [3 * blockSize, 1_000, false],
  ])('tells whether %i bytes are zeros, with another at %s: %s', (length, at, expected) => {
    const bytes = Buffer.alloc(length);
    if (at !== undefined) bytes[at] = 1;
    expect(isZeroBlock(bytes)).toBe(expected);
  });
});
