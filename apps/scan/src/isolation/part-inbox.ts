import { pieceBytes } from './bytes-in-pieces.js';

/**
 * The bytes of a part as they arrive in a thread, in order. Each piece that is taken makes room for another.
 *
 * All of them are handed out in the same memory, so each must have been used up when the next is asked for. New memory for each
 * would be garbage at once, and megabytes of it make V8 go through its whole heap again and again.
 */
export class PartInbox implements AsyncIterable<Buffer> {
  private readonly pieces: Uint8Array<ArrayBuffer>[] = [];
  private isEnded = false;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  /** `giveBack`: gets the memory of each piece, which nothing here looks at any more. */
  constructor(private readonly giveBack: (memory: ArrayBuffer) => void) {}

  put(bytes: Uint8Array<ArrayBuffer>): void {
    this.pieces.push(bytes);
    this.wake?.();
  }

  end(): void {
    this.isEnded = true;
    this.wake?.();
  }

  fail(failure: Error): void {
    this.failure = failure;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const own = Buffer.allocUnsafeSlow(pieceBytes);
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      const piece = this.pieces.shift();
      if (piece !== undefined) {
        own.set(piece);
        const { length } = piece;
        this.giveBack(piece.buffer);
        yield own.subarray(0, length);
      } else if (this.isEnded) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    }
  }
}
