import type { Readable } from 'node:stream';

/** Cuts a source into buffers of one size; only the last may be smaller. An empty source has no chunk. */
export async function* chunksOf(source: Readable | Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(source)) {
    for (let at = 0; at < source.length; at += chunkBytes) yield source.subarray(at, at + chunkBytes);
    return;
  }
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const piece of source as AsyncIterable<Buffer>) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < chunkBytes) continue;
    const all = Buffer.concat(held, bytes);
    let at = 0;
    for (; at + chunkBytes <= bytes; at += chunkBytes) yield all.subarray(at, at + chunkBytes);
    held = [all.subarray(at)];
    bytes -= at;
  }
  if (bytes > 0) yield Buffer.concat(held, bytes);
}
