import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { type TarEntry, TarReader } from './tar-reader.js';

type Seen = Omit<TarEntry, 'size'> & { text: string };

describe('scan/layers/tar-reader', () => {
  it('lists what a tar holds, folders left out, with its content', async () => {
    const long = `${'deep/'.repeat(60)}file`;
    const tar = await tarOf([
      { name: 'a', content: 'text of a' },
      { name: 'folder/', type: 'directory' },
      { name: './folder/b', content: 'x'.repeat(512) },
      { name: '/absolute//c', content: '' },
      { name: long, content: 'PAX' },
      { name: 'link', type: 'symlink', linkname: 'a' },
      { name: 'hard', type: 'link', linkname: 'a' },
      { name: 'tty', type: 'character-device' },
    ]);

    expect(read(tar)).toEqual([
      { path: 'a', kind: 'file', text: 'text of a' },
      { path: 'folder/b', kind: 'file', text: 'x'.repeat(512) },
      { path: 'absolute/c', kind: 'file', text: '' },
      { path: long, kind: 'file', text: 'PAX' },
      { path: 'link', kind: 'link', text: '' },
      { path: 'hard', kind: 'link', text: '' },
      { path: 'tty', kind: 'device', text: '' },
    ]);
  });

  it('sees the same however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,120}$/), { maxLength: 5 }),
        fc.array(fc.nat({ max: 1500 }), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
        async (names, sizes, cuts) => {
          const entries = names.map((name, index) => ({ name, content: 'y'.repeat(sizes[index] ?? 0) }));
          const tar = await tarOf(entries);

          const seen = read(tar, cuts);

          expect(seen).toEqual(
            entries.map(({ name, content }) => ({ path: name, kind: 'file', text: content })),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('reads a GNU long name', () => {
    const name = 'n'.repeat(150);
    const tar = Buffer.concat([
      header('././@LongLink', { type: 'L', size: 151 }),
      padded(`${name}\0`),
      file('n', 'x'),
      end,
    ]);

    expect(read(tar)).toEqual([{ path: name, kind: 'file', text: 'x' }]);
  });

  it('takes an archive without end marker, and zeros after it', () => {
    expect(read(file('a', 'x'))).toHaveLength(1);
    expect(read(Buffer.concat([file('a', 'x'), end, Buffer.alloc(9000)]))).toHaveLength(1);
    expect(read(Buffer.alloc(0))).toEqual([]);
  });

  it.each<[string, () => Buffer, RegExp]>([
    [
      'something after the end',
      () => Buffer.concat([file('a', 'x'), end, file('b', 'y'), end]),
      /follows the end/,
    ],
    [
      'an entry after one zero block',
      () => Buffer.concat([Buffer.alloc(512), file('b', 'y'), end]),
      /follows the end/,
    ],
    ['an archive that breaks off in a header', () => file('a', 'x').subarray(0, 300), /breaks off/],
    ['an archive that breaks off in a file', () => file('a', 'x').subarray(0, 600), /breaks off/],
    ['a wrong checksum', () => Buffer.concat([header('a', { sum: 1 }), end]), /checksum/],
    ['no tar at all', () => Buffer.alloc(512, 'text'), /checksum/],
    ['an old format', () => Buffer.concat([header('a', { magic: '\0'.repeat(8) }), end]), /POSIX or GNU/],
    ['a path that climbs', () => Buffer.concat([file('a/../../b', 'x'), end]), /climbs/],
    ['a name that names nothing', () => Buffer.concat([file('./', 'x'), end]), /names no file/],
    ['a link with content', () => Buffer.concat([file('a', 'x', '2'), end]), /has content/],
    ['a folder with content', () => Buffer.concat([file('a', 'x', '5'), end]), /has content/],
    ['a sparse file', () => Buffer.concat([file('a', 'x', 'S'), end]), /unknown kind/],
    ['a negative size', () => Buffer.concat([header('a', { rawSize: Buffer.alloc(12, 0xff) }), end]), /size/],
    [
      'a size that is no number',
      () => Buffer.concat([header('a', { rawSize: Buffer.from('9'.repeat(11)) }), end]),
      /size/,
    ],
    [
      'a GNU header with a prefix',
      () => Buffer.concat([header('a', { magic: 'ustar  \0', prefix: 'evil' }), end]),
      /ambiguous/,
    ],
    [
      'two PAX headers for one entry',
      () => Buffer.concat([pax('path=b'), pax('path=c'), file('a', 'x'), end]),
      /two PAX/,
    ],
    [
      'a PAX and a GNU name for one entry',
      () => Buffer.concat([gnuName('b'), pax('path=c'), file('a', 'x'), end]),
      /both/,
    ],
    [
      'a GNU and a PAX name for one entry',
      () => Buffer.concat([pax('path=c'), gnuName('b'), file('a', 'x'), end]),
      /both/,
    ],
    ['a PAX path twice', () => Buffer.concat([pax('path=b', 'path=c'), file('a', 'x'), end]), /ambiguous/],
    ['an empty PAX path', () => Buffer.concat([pax('path='), file('a', 'x'), end]), /ambiguous/],
    ['a PAX path with NUL', () => Buffer.concat([pax('path=a\0b'), file('a', 'x'), end]), /ambiguous/],
    ['a PAX sparse file', () => Buffer.concat([pax('GNU.sparse.name=b'), file('a', 'x'), end]), /sparse/],
    ['a global PAX path', () => Buffer.concat([pax.global('path=b'), file('a', 'x'), end]), /global/],
    [
      'a malformed PAX header',
      () => Buffer.concat([header('p', { type: 'x', size: 5 }), padded('hello'), end]),
      /malformed/,
    ],
    ['a header without an entry', () => Buffer.concat([pax('path=b'), end]), /no entry/],
  ])('refuses %s', (_what, tar, why) => {
    expect(() => read(tar())).toThrow(why);
  });

  it('ignores what a PAX header says beside names and sizes', () => {
    const tar = Buffer.concat([pax.global('comment=0123'), pax('mtime=1.5', 'path=b'), file('a', 'x'), end]);

    expect(read(tar)).toEqual([{ path: 'b', kind: 'file', text: 'x' }]);
  });

  it('believes a PAX size, as Go does', () => {
    const tar = Buffer.concat([pax('size=3'), header('a', { size: 0 }), padded('abc'), end]);

    expect(read(tar)).toEqual([{ path: 'a', kind: 'file', text: 'abc' }]);
  });

  it('stops at the limit of entries', () => {
    const tar = Buffer.concat([...Array.from({ length: 4 }, (_, index) => file(`f${index}`, '')), end]);

    expect(() => read(tar, [512], 3)).toThrow(/more than 3 entries/);
    expect(read(tar, [512], 4)).toHaveLength(4);
  });
});

const end = Buffer.alloc(1024);

function read(tar: Buffer, cuts: readonly number[] = [tar.length || 1], entries = 100): Seen[] {
  const seen: Seen[] = [];
  const reader = new TarReader(
    {
      entry: ({ path, kind }) => {
        const chunks: Buffer[] = [];
        const entry = { path, kind, text: '' };
        seen.push(entry);
        return {
          write: (bytes) => chunks.push(Buffer.from(bytes)),
          end: () => (entry.text = Buffer.concat(chunks).toString()),
        };
      },
    },
    { entries },
  );
  for (let at = 0, cut = 0; at < tar.length; cut++) {
    const length = cuts[cut % cuts.length] ?? tar.length;
    reader.write(tar.subarray(at, at + length));
    at += length;
  }
  reader.end();
  return seen;
}

interface PackedEntry {
  name: string;
  type?: 'directory' | 'symlink' | 'link' | 'character-device';
  linkname?: string;
  content?: string;
}

async function tarOf(entries: readonly PackedEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content = '', ...entry } of entries) tar.entry(entry, content);
  tar.finalize();
  return buffer(tar);
}

interface HeaderFields {
  type?: string;
  size?: number;
  rawSize?: Buffer;
  magic?: string;
  prefix?: string;
  sum?: number;
}

/** A header block, with whatever a careful writer would not write. */
function header(name: string, fields: HeaderFields = {}): Buffer {
  const { type = '0', size = 0, rawSize, magic = 'ustar\x0000', prefix = '', sum } = fields;
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  rawSize?.copy(block, 124);
  block.write(type, 156);
  block.write(magic, 257, 'latin1');
  block.write(prefix, 345);
  block.fill(' ', 148, 156);
  const right = block.reduce((total, byte) => total + byte, 0);
  block.write(`${(sum ?? right).toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function padded(content: string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

function file(name: string, content: string, type = '0'): Buffer {
  return Buffer.concat([header(name, { type, size: Buffer.byteLength(content) }), padded(content)]);
}

function gnuName(name: string): Buffer {
  return Buffer.concat([header('././@LongLink', { type: 'L', size: name.length + 1 }), padded(`${name}\0`)]);
}

function pax(...records: string[]): Buffer {
  return paxOf('x', records);
}
pax.global = (...records: string[]): Buffer => paxOf('g', records);

function paxOf(type: string, records: readonly string[]): Buffer {
  const content = records.map((record) => {
    const rest = ` ${record}\n`.length;
    const length = rest + String(rest + String(rest).length).length;
    return `${length} ${record}\n`;
  });
  const text = content.join('');
  return Buffer.concat([header('pax', { type, size: text.length }), padded(text)]);
}
