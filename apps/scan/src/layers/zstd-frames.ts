import { notReadable } from './unscannable-error.js';

/** RFC 8878, section 3.1.1. */
const frameMagic = 0xfd2fb528;
/** Section 3.1.2: sixteen numbers that differ in their lowest bits. */
const skippableMagic = 0x184d2a50;
/** Section 3.1.1.2.4: no block is larger. */
const maxBlockBytes = 128 * 1024;
const checksumBytes = 4;
/** A block of four bytes can stand for 128 KiB: together they unpack to less than a megabyte. */
const blocksAtOnce = 7;

/** Whether a blob that starts with these four bytes, as a little-endian number, is zstd. */
export function isZstdMagic(magic: number): boolean {
  return magic === frameMagic || isSkippable(magic);
}

/**
 * Cuts a zstd stream where its frames end, and leaves out the frames that carry nothing.
 *
 * Node decodes the first frame of what it is given at once, and says nothing about further ones
 * (https://github.com/nodejs/node/issues/64741), while runtimes decode all: a file in a second frame would not be seen. Layers
 * of many frames are also made by honest tools, which add an index in a skippable frame
 * (https://github.com/containers/storage/blob/main/docs/containers-storage-zstd-chunked.md). Fed frame by frame, Node
 * decodes them all. A frame's end is found by its headers alone, as section 3.1.1 gives them. They tell the blocks too, and so
 * no piece unpacks to as much as a megabyte.
 */
export class ZstdFrames {
  /** The start of a header that has not arrived completely. */
  private held: Buffer = Buffer.alloc(0);
  private state: 'frame' | 'blocks' | 'last-block' | 'skippable' = 'frame';
  /** Bytes of the current block, or of a skippable frame, that are still to come. */
  private body = 0;
  private hasChecksum = false;
  /** Blocks in the piece that is being cut. */
  private blocks = 0;

  /**
   * @param chunk may be overwritten when all that comes of it was taken
   * @returns the bytes of frames with content, each piece of one frame only and with the ends of at most seven blocks
   * @throws UnscannableError for what is no frame
   */
  *split(chunk: Buffer): Generator<Buffer> {
    const bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    let start = 0;
    let at = 0;
    for (let step = this.take(bytes, at); step > 0; step = this.take(bytes, at)) {
      at += step;
      if (this.state === 'skippable') start = at;
      if (!this.endsFrame() && !this.hasEnough()) continue;
      if (at > start) yield bytes.subarray(start, at);
      start = at;
      this.blocks = 0;
    }
    this.held = Buffer.from(bytes.subarray(at));
    if (at > start) yield bytes.subarray(start, at);
    this.blocks = this.body > 0 ? 1 : 0;
  }

  /** @throws UnscannableError when the last frame breaks off */
  end(): void {
    if (this.state !== 'frame' || this.held.length > 0) throw notReadable('its zstd data breaks off');
  }

  /** Takes the next header or as much of a body as there is; 0 when no header is complete. */
  private take(bytes: Buffer, at: number): number {
    if (this.body > 0) {
      const length = Math.min(this.body, bytes.length - at);
      this.body -= length;
      return length;
    }
    const length = this.headerLength(bytes, at);
    if (at + length > bytes.length) return 0;
    this.takeHeader(bytes, at);
    return length;
  }

  /** Whether what was taken last was the end of a frame; then the next is awaited. */
  private endsFrame(): boolean {
    if (this.body > 0 || this.state === 'frame' || this.state === 'blocks') return false;
    this.state = 'frame';
    return true;
  }

  private hasEnough(): boolean {
    return this.blocks >= blocksAtOnce && this.body === 0;
  }

  /** Bytes of the header that starts here, or more than there are where it does not say. */
  private headerLength(bytes: Buffer, at: number): number {
    if (this.state !== 'frame') return 3;
    if (bytes.length - at < 5) return 5;
    return isSkippable(bytes.readUInt32LE(at)) ? 8 : frameHeaderLength(bytes[at + 4] ?? 0);
  }

  private takeHeader(bytes: Buffer, at: number): void {
    if (this.state !== 'frame') {
      this.takeBlockHeader(bytes.readUIntLE(at, 3));
      return;
    }
    const magic = bytes.readUInt32LE(at);
    if (isSkippable(magic)) {
      this.state = 'skippable';
      this.body = bytes.readUInt32LE(at + 4);
      return;
    }
    if (magic !== frameMagic) throw notReadable('something that is no frame follows its zstd data');
    this.state = 'blocks';
    this.hasChecksum = ((bytes[at + 4] ?? 0) & 0b100) !== 0;
  }

  /** Section 3.1.1.2: one bit says whether it is the last, two bits what it is, and the others how long. */
  private takeBlockHeader(header: number): void {
    const kind = (header >> 1) & 0b11;
    const size = header >> 3;
    if (kind === 3 || size > maxBlockBytes) throw notReadable('its zstd data is damaged');
    this.blocks += 1;
    const isLast = (header & 1) === 1;
    // A run is one byte, however often it is repeated.
    this.body = (kind === 1 ? 1 : size) + (isLast && this.hasChecksum ? checksumBytes : 0);
    if (isLast) this.state = 'last-block';
  }
}

function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) >>> 0 === skippableMagic;
}

/** Section 3.1.1.1, from the magic number on, by the byte that describes it. */
function frameHeaderLength(descriptor: number): number {
  const isSingleSegment = (descriptor & 0b100000) !== 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionaryId = [0, 1, 2, 4][descriptor & 0b11] ?? 0;
  return 5 + (isSingleSegment ? 0 : 1) + dictionaryId + contentSize;
}
