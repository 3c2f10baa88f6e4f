import { Readable } from 'node:stream';

/** Hands out a source in slices of given sizes, one after the other, and holds none of them in memory. */
export class StreamSlices {
  private readonly pieces: AsyncIterator<Buffer>;
  /** What the last piece held beyond the end of its slice. */
  private left: Buffer = Buffer.alloc(0);

  constructor(source: Readable) {
    this.pieces = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** The next bytes. A slice is short where the source ends, and fails where the source fails. Read it before the next. */
  next(bytes: number): Readable {
    return Readable.from(this.take(bytes), { objectMode: false });
  }

  private async *take(bytes: number): AsyncGenerator<Buffer> {
    let wanted = bytes;
    while (wanted > 0) {
      const piece = this.left.length > 0 ? this.left : await this.nextPiece();
      if (piece === undefined) return;
      this.left = piece.subarray(wanted);
      const part = piece.subarray(0, wanted);
      wanted -= part.length;
      yield part;
    }
  }

  private async nextPiece(): Promise<Buffer | undefined> {
    const piece = await this.pieces.next();
    return piece.done === true ? undefined : piece.value;
  }
}
