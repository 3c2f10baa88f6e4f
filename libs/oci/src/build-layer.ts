import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { digestOf } from '@pratique/contracts';
import { pack } from 'tar-stream';
import { describeBytes, type DescribedBytes } from './built-image.js';
import { mediaType } from './media-types.js';

export interface BuiltLayer extends DescribedBytes {
  /** Digest of the tar inside, which the image's config names. */
  diffId: string;
}

/** Builds a layer from file contents by path. Times and owners are zero: the same files give the same digest. */
export async function buildLayer(files: Record<string, string | Buffer>): Promise<BuiltLayer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) {
    tar.entry({ name, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 }, content);
  }
  tar.finalize();
  const bytes = await buffer(tar);
  return { ...describeBytes(gzip(bytes), mediaType.ociLayerGzip), diffId: digestOf(bytes) };
}

function gzip(bytes: Buffer): Buffer {
  const compressed = gzipSync(bytes, { level: 6 });
  // RFC 1952: byte 9 names the operating system. "Unknown" makes the digest the same on all of them.
  compressed[9] = 255;
  return compressed;
}
