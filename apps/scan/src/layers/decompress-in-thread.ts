import type { Gunzip, ZstdDecompress } from 'minizlib';
import { freeMemory } from '../free-memory.js';
import { notReadable } from './unscannable-error.js';

/** For whoever creates the decompressor, which writes more into it. */
export interface InThreadOptions {
  chunkSize: number;
  async: false;
}

/** Bytes of the memory that is filled at once; what does not fit goes to more of that size. */
const chunkSize = 1024 * 1024;

/**
 * One of Node's decompressors, run by the thread that wants the bytes, at once. Node's own streams have a thread of the pool do
 * it, and then two layers make four threads, which on two cores wait for one another longer than they work.
 */
export class InThread {
  private readonly stream: Gunzip | ZstdDecompress;
  private readonly unpacked: Buffer[] = [];
  private failure: unknown;

  constructor(
    private readonly codec: string,
    create: (options: InThreadOptions) => Gunzip | ZstdDecompress,
  ) {
    this.stream = create({ chunkSize, async: false });
    this.stream.on('data', (chunk: Buffer) => this.unpacked.push(chunk));
    this.stream.on('error', (error: unknown) => (this.failure ??= error));
  }

  /**
   * @param piece so few bytes that all they can unpack to may be held
   * @throws UnscannableError when they are damaged, or are not used up: what is left would never be seen
   */
  *unpack(piece: Buffer): Generator<Buffer> {
    this.stream.write(piece);
    this.requireNoFailure();
    if (this.stream.handle?.bytesWritten !== piece.length)
      throw notReadable(`something follows its ${this.codec} data`);
    yield* this.takeUnpacked();
  }

  /** @throws UnscannableError when the data breaks off */
  *end(): Generator<Buffer> {
    this.stream.end();
    this.requireNoFailure();
    yield* this.takeUnpacked();
  }

  close(): void {
    this.stream.close();
  }

  private requireNoFailure(): void {
    if (this.failure !== undefined) throw notReadable(`its ${this.codec} data is damaged`, this.failure);
  }

  private *takeUnpacked(): Generator<Buffer> {
    for (const chunk of this.unpacked.splice(0)) {
      yield chunk;
      freeMemory(chunk);
    }
  }
}
