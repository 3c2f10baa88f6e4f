import { constants, createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';

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
  const magic = start.readUInt32LE(0);
  // RFC 8878, sections 3.1.1 and 3.1.2: a frame, or a skippable frame.
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50 ? 'zstd' : 'plain';
}

/** Twice the memory of what `zstd -19` asks of a reader, and what Docker and containerd accept. */
const zstdWindowLog = 27;

export function createDecompressor(codec: Exclude<Codec, 'plain'>): Gunzip | ZstdDecompress {
  if (codec === 'gzip') return createGunzip();
  return createZstdDecompress({
    // Node decodes only the first of several frames and says nothing about the others, which runtimes do decode
    // (https://github.com/nodejs/node/issues/64741). With this it fails, so that such a layer is not readable.
    rejectGarbageAfterEnd: true,
    params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLog },
  });
}
