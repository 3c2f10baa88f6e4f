import { tooMuch } from './unscannable-error.js';

/** How much of a layer is read before it is taken for an attack. */
export interface LayerLimits {
  /** Bytes that one layer may unpack to. */
  unpackedBytes: number;
  /** Entries of one tar. */
  entries: number;
  /** How many times its size a layer may unpack to, once it has unpacked to `ratioFrom` bytes. */
  ratio: number;
  ratioFrom: number;
}

export interface ImageLimits extends LayerLimits {
  /** Bytes that all layers of an image, over all platforms, may unpack to. */
  imageUnpackedBytes: number;
  /** Bytes of a config, which is held in memory. */
  configBytes: number;
  /** Milliseconds for everything. */
  timeMs: number;
}

const mebibyte = 1024 * 1024;

/** Several times what the largest honest images need; zeros compress 1,000 times in gzip and 30,000 times in zstd. */
export const defaultLimits: ImageLimits = {
  unpackedBytes: 10 * 1024 * mebibyte,
  imageUnpackedBytes: 20 * 1024 * mebibyte,
  entries: 500_000,
  ratio: 200,
  ratioFrom: 64 * mebibyte,
  configBytes: 8 * mebibyte,
  timeMs: 10 * 60 * 1000,
};

/** What may still be unpacked, over several layers. */
export class ByteBudget {
  constructor(private left: number) {}

  /** @throws UnscannableError */
  take(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) throw tooMuch('the image unpacks to more than is read');
  }
}

/** Bounds what one layer unpacks to, by itself and in proportion to what was fed in. */
export class RatioGuard {
  private unpacked = 0;

  constructor(
    private readonly limits: LayerLimits,
    private readonly fed: { readonly bytes: number },
  ) {}

  /** @throws UnscannableError */
  take(bytes: number): void {
    this.unpacked += bytes;
    if (this.unpacked > this.limits.unpackedBytes) {
      throw tooMuch(`it unpacks to more than ${this.limits.unpackedBytes} bytes`);
    }
    if (this.unpacked > this.limits.ratioFrom && this.unpacked > this.fed.bytes * this.limits.ratio) {
      throw tooMuch(`it unpacks to more than ${this.limits.ratio} times its size`);
    }
  }
}
