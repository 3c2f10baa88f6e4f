import { Readable } from 'node:stream';
import { bytesInPieces } from './bytes-in-pieces.js';

describe('scan/isolation/bytes-in-pieces', () => {
  it.each([
    ['joins small chunks', ['ab', 'c', '', 'def'], ['abcd', 'ef']],
    ['cuts a large one', ['abcdefghi'], ['abcd', 'efgh', 'i']],
    ['gives no empty piece at the end', ['abcd', 'efgh'], ['abcd', 'efgh']],
    ['gives nothing of nothing', [], []],
  ])('%s', async (_what, chunks, expected) => {
    expect(await piecesOf(chunks, () => new ArrayBuffer(4))).toEqual(expected);
  });

  it('asks for memory for each piece, and for no more', async () => {
    const memory = jest.fn(() => new ArrayBuffer(4));

    await piecesOf(['abcdefgh'], memory);

    expect(memory).toHaveBeenCalledTimes(2);
  });

  it('frees the memory of a chunk that has some to itself, and leaves alone what is shared', async () => {
    const own = Buffer.allocUnsafeSlow(8);
    const shared = Buffer.allocUnsafeSlow(8).subarray(2, 6);
    const source = Readable.from([own, shared]);

    const pieces = await Readable.from(bytesInPieces(source, () => new ArrayBuffer(4))).toArray();

    expect(pieces).toHaveLength(3);
    expect(own.buffer.detached).toBe(true);
    expect(shared.buffer.detached).toBe(false);
  });
});

async function piecesOf(chunks: readonly string[], memory: () => ArrayBuffer): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of bytesInPieces(streamOf(chunks), memory)) {
    pieces.push(Buffer.from(piece).toString());
    // It moves to another thread.
    piece.buffer.transfer(0);
  }
  return pieces;
}

async function* streamOf(chunks: readonly string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
}
