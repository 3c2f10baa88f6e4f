/** "AMQP", which stands where a frame's size would be when a protocol header begins. */
const PROTOCOL_HEADER = 0x414d5150;
const SIZE_BYTES = 4;
const SMALLEST_FRAME = 8;

/**
 * Follows the frame boundaries of what a peer sends. rhea collects a frame of any announced size (up to 4 GiB) before it
 * looks at it; this notices the announcement.
 */
export class FrameSizeGuard {
  private size = 0;
  private sizeBytes = 0;
  private skip = 0;

  constructor(private readonly maxFrameSize: number) {}

  /** Takes the next bytes from the socket; false once a frame announced a size that is not allowed. */
  accepts(chunk: Buffer): boolean {
    for (let at = 0; at < chunk.length;) {
      const skipped = Math.min(this.skip, chunk.length - at);
      this.skip -= skipped;
      at += skipped;
      for (; this.skip === 0 && at < chunk.length && this.sizeBytes < SIZE_BYTES; at += 1) {
        this.size = this.size * 256 + (chunk[at] ?? 0);
        this.sizeBytes += 1;
      }
      if (this.sizeBytes === SIZE_BYTES && !this.beginFrame()) return false;
    }
    return true;
  }

  private beginFrame(): boolean {
    const size = this.size === PROTOCOL_HEADER ? SMALLEST_FRAME : this.size;
    this.skip = size - SIZE_BYTES;
    this.size = 0;
    this.sizeBytes = 0;
    return size >= SMALLEST_FRAME && size <= this.maxFrameSize;
  }
}
