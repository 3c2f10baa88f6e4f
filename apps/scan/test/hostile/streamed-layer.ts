import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGzip, createZstdCompress } from 'node:zlib';
import { describeBytes, mediaType } from '@pratique/oci';
import type { Layer } from './forge-image.js';

/** A layer of so much that it is never held unpacked. */
export async function streamedLayer(codec: 'gzip' | 'zstd', parts: () => Iterable<Buffer>): Promise<Layer> {
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
