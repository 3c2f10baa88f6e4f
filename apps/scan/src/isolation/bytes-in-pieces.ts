/**
 * Copies a stream into pieces of a size, each with memory of its own that can be moved to another thread: chunks from a
 * socket are windows on memory that others use too, and there are four times as many.
 */
export async function* bytesInPieces(
  source: AsyncIterable<Buffer>,
  size = 256 * 1024,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(size);
  let length = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + size - length);
      piece.set(part, length);
      length += part.length;
      at += part.length;
      if (length < size) continue;
      yield piece;
      piece = new Uint8Array(size);
      length = 0;
    }
  }
  if (length > 0) yield piece.slice(0, length);
}
