import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type Codec, createDecompressor } from './decompress-layer.js';

const mebibyte = 1024 * 1024;

describe('scan/layers/decompress-layer', () => {
  it.each<[Codec, (bytes: Buffer) => Buffer, number]>([
    ['gzip', gzipSync, 20],
    ['zstd', zstdCompressSync, 3],
  ])('holds little of what a piece of a %s bomb unpacks to', (codec, compress, mostMebibytes) => {
    const bomb = compress(Buffer.alloc(64 * mebibyte));
    const decompressor = createDecompressor[codec]();
    const { arrayBuffers: before } = process.memoryUsage();
    let most = 0;
    let bytes = 0;

    for (const chunk of [...walk(decompressor.unpack(bomb)), ...walk(decompressor.end())]) bytes += chunk;
    decompressor.close();

    expect(bytes).toBe(64 * mebibyte);
    expect(most).toBeLessThan(mostMebibytes * mebibyte);

    function* walk(chunks: Iterable<Buffer>): Generator<number> {
      for (const { length } of chunks) {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        yield length;
      }
    }
  });

  it('gives each chunk its memory only for as long as it is looked at', () => {
    const decompressor = createDecompressor.gzip();
    const bytes = gzipSync(Buffer.alloc(4 * mebibyte, 'not all zeros'));
    const buffers: ArrayBufferLike[] = [];

    for (const { buffer, length } of decompressor.unpack(bytes))
      if (length === mebibyte) buffers.push(buffer);
    decompressor.close();

    expect(buffers.length).toBeGreaterThan(1);
    expect(buffers.every((buffer) => buffer instanceof ArrayBuffer && buffer.detached)).toBe(true);
  });
});
