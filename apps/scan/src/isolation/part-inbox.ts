/** The bytes of a part as they arrive in a thread, in order. Each piece that is taken makes room for another. */
export class PartInbox implements AsyncIterable<Buffer> {
  private readonly pieces: Buffer[] = [];
  private isEnded = false;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly onTaken: () => void) {}

  put(bytes: Uint8Array<ArrayBuffer>): void {
    this.pieces.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
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
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      const piece = this.pieces.shift();
      if (piece !== undefined) {
        this.onTaken();
        yield piece;
      } else if (this.isEnded) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    }
  }
}
