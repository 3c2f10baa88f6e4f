import type { LayerLimits } from '../scan-limits.settings.js';
import { tooMuch } from './unscannable-error.js';

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
    if (this.unpacked > this.limits.ratioFromBytes && this.unpacked > this.fed.bytes * this.limits.ratio) {
      throw tooMuch(`it unpacks to more than ${this.limits.ratio} times its size`);
    }
  }
}
