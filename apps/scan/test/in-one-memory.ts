/** Hands out pieces as a reading thread gets them: all in the same memory, each for as long as the next is not asked for. */
export async function* inOneMemory(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  const memory = Buffer.alloc(Math.max(0, ...pieces.map(({ length }) => length)));
  for (const piece of pieces) {
    memory.set(piece);
    yield await Promise.resolve(memory.subarray(0, piece.length));
    memory.fill('overwritten ');
  }
}
