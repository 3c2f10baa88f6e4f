import { constants, createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';
import { isZstdMagic, ZstdFrames } from './zstd-frames.js';

export type Codec = 'plain' | 'gzip' | 'zstd';

/** Enough of a blob to tell its compression. */
export const magicLength = 4;

/**
 * Tells the compression from the first bytes, as the runtimes do: a media type can claim anything.
 *
 * @param start the blob's first four bytes, fewer only when it has no more
 */
export function codecOf(start: Buffer): Codec {
  if (start.length >= 3 && start.readUIntBE(0, 3) === 0x1f8b08) return 'gzip';
  if (start.length < magicLength) return 'plain';
  return isZstdMagic(start.readUInt32LE(0)) ? 'zstd' : 'plain';
}

/** Twice the memory of what `zstd -19` asks of a reader, and what Docker and containerd accept. */
const zstdWindowLog = 27;

const options = {
  /** Node gives out 16 KiB at a time, which costs more than the work on it: each is a job for another thread and a new buffer. */
  chunkSize: 1024 * 1024,
  /** It is full with any byte, and so is given the next only when it has used up the last, whose memory is used again. */
  writableHighWaterMark: 1,
};

export function createDecompressor(codec: Exclude<Codec, 'plain'>): Gunzip | ZstdDecompress {
  if (codec === 'gzip') return createGunzip(options);
  return createZstdDecompress({
    ...options,
    // It is fed by `ZstdFrames`; should two frames ever arrive at once, this fails where Node would drop the second.
    rejectGarbageAfterEnd: true,
    params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLog },
  });
}

/** What a decompressor is fed, for it to see all of it. */
export async function* feedFor(codec: Codec, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (codec !== 'zstd') {
    yield* source;
    return;
  }
  const frames = new ZstdFrames();
  for await (const chunk of source) yield* frames.split(chunk);
  frames.end();
}
