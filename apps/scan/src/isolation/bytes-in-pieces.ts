import { freeMemory } from '../free-memory.js';

/** Each piece is a message, and each message a turn of both threads. */
export const pieceBytes = 1024 * 1024;

/**
 * Copies a stream into pieces with memory of their own, which can be moved to another thread: chunks from a socket are windows on
 * memory that others use too, and there are many times as many.
 *
 * @param source a stream that nobody else reads: the memory of a chunk is freed when it was copied
 * @param memory gives `pieceBytes` for the next piece
 */
export async function* bytesInPieces(
  source: AsyncIterable<Buffer>,
  memory: () => ArrayBuffer,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece: Uint8Array<ArrayBuffer> | undefined;
  let length = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      piece ??= new Uint8Array(memory());
      const part = chunk.subarray(at, at + piece.length - length);
      piece.set(part, length);
      length += part.length;
      at += part.length;
      if (length < piece.length) continue;
      yield piece;
      piece = undefined;
      length = 0;
    }
    freeMemory(chunk);
  }
  if (piece !== undefined) yield piece.subarray(0, length);
}
