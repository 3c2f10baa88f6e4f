import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { ZstdFrames } from './zstd-frames.js';

const { ZSTD_c_checksumFlag, ZSTD_c_contentSizeFlag } = constants;

describe('scan/layers/zstd-frames', () => {
  it('finds every frame, however the bytes are cut, and leaves out those without content', () => {
    const part = fc.oneof(
      fc.record({
        content: fc.oneof(
          fc.uint8Array({ maxLength: 500 }),
          fc.nat({ max: 200_000 }).map((size) => new Uint8Array(size).fill(7)),
        ),
        checksum: fc.boolean(),
        contentSize: fc.boolean(),
      }),
      fc.uint8Array({ maxLength: 50 }),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 }),
        (parts, cuts) => {
          const frames = parts.map((each) => ('content' in each ? frame(each) : skippable(each)));
          const withContent = frames.filter((_, index) => 'content' in parts[index]!);
          const pieces = split(Buffer.concat(frames), cuts);

          expect(Buffer.concat(pieces).equals(Buffer.concat(withContent))).toBe(true);
          expect(endsOf(pieces)).toEqual(expect.arrayContaining(endsOf(withContent)));
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ['in a header', 3],
    ['in the header of a block', 8],
    ['in a block', 15],
    ['before the checksum', -4],
    ['in the checksum', -1],
  ])('refuses a frame that breaks off %s', (_where, end) => {
    const bytes = frame({ content: Buffer.from('some content'), checksum: true, contentSize: false });

    expect(() => split(bytes.subarray(0, end))).toThrow(/breaks off/);
  });

  it('refuses a skippable frame that breaks off', () => {
    expect(() => split(skippable(Buffer.alloc(9)).subarray(0, -1))).toThrow(/breaks off/);
  });

  it('refuses what is no frame behind a frame, and blocks that cannot be', () => {
    const bytes = frame({ content: Buffer.from('x'), checksum: false, contentSize: true });

    expect(() => split(Buffer.concat([bytes, Buffer.alloc(9)]))).toThrow(/no frame/);
    expect(() => split(Buffer.from('28b52ffd2001ffffff00', 'hex'))).toThrow(/damaged/);
  });
});

interface Frame {
  content: Uint8Array;
  checksum: boolean;
  contentSize: boolean;
}

function frame({ content, checksum, contentSize }: Frame): Buffer {
  const params = { [ZSTD_c_checksumFlag]: Number(checksum), [ZSTD_c_contentSizeFlag]: Number(contentSize) };
  return zstdCompressSync(content, { params });
}

function skippable(content: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a50 + (content.length % 16));
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content]);
}

function split(bytes: Buffer, cuts: readonly number[] = [bytes.length || 1]): Buffer[] {
  const frames = new ZstdFrames();
  const pieces: Buffer[] = [];
  for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
    const length = cuts[cut % cuts.length] ?? bytes.length;
    pieces.push(...frames.split(bytes.subarray(at, at + length)));
    at += length;
  }
  frames.end();
  return pieces;
}

/** Where each of several parts ends when they follow one another. */
function endsOf(parts: readonly Buffer[]): number[] {
  let at = 0;
  return parts.map(({ length }) => (at += length));
}
