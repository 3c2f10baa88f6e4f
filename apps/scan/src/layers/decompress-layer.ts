import { constants } from 'node:zlib';
import { Gunzip, ZstdDecompress } from 'minizlib';
import { InThread } from './decompress-in-thread.js';
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

/** Unpacks one layer. All of it has been unpacked only when `end` has returned. */
export interface Decompressor {
  /**
   * @param piece may be overwritten when all that comes of it was taken
   * @returns what it unpacks to, each chunk for as long as the next is not asked for
   * @throws UnscannableError when the piece is damaged, or is not what belongs at its place
   */
  unpack(piece: Buffer): Iterable<Buffer>;
  /** @throws UnscannableError when more should have followed */
  end(): Iterable<Buffer>;
  /** Gives its memory back. */
  close(): void;
}

export const createDecompressor: Record<Codec, () => Decompressor> = {
  plain: () => ({ unpack: (piece) => [piece], end: () => [], close: () => undefined }),
  gzip: gunzip,
  zstd: unzstd,
};

/** A byte of deflate is 1,032 at most (https://zlib.net/zlib_tech.html), so that this comes to 16 MiB. */
const gzipSliceBytes = 16 * 1024;

function gunzip(): Decompressor {
  const inner = new InThread('gzip', (options) => new Gunzip(options));
  return {
    *unpack(piece) {
      for (let at = 0; at < piece.length; at += gzipSliceBytes)
        yield* inner.unpack(piece.subarray(at, at + gzipSliceBytes));
    },
    end: () => inner.end(),
    close: () => inner.close(),
  };
}

/** Twice the memory of what `zstd -19` asks of a reader, and what Docker and containerd accept. */
const params = { [constants.ZSTD_d_windowLogMax]: 27 };

function unzstd(): Decompressor {
  const inner = new InThread('zstd', (options) => new ZstdDecompress(Object.assign(options, { params })));
  const frames = new ZstdFrames();
  return {
    *unpack(piece) {
      for (const part of frames.split(piece)) yield* inner.unpack(part);
    },
    end: () => {
      frames.end();
      return inner.end();
    },
    close: () => inner.close(),
  };
}
