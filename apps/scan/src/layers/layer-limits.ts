import type { LayerLimits } from '../scan-limits.settings.js';
import { tooMuch } from './unscannable-error.js';

/** What may still be unpacked, over several layers. They are read in threads of their own, which share the one number. */
export class ByteBudget {
  private readonly left: BigInt64Array<SharedArrayBuffer>;

  /** @param shared as another thread's budget has it */
  constructor(readonly shared: SharedArrayBuffer) {
    this.left = new BigInt64Array(shared);
  }

  static of(bytes: number): ByteBudget {
    const budget = new ByteBudget(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
    Atomics.store(budget.left, 0, BigInt(bytes));
    return budget;
  }

  /** @throws UnscannableError */
  take(bytes: number): void {
    const before = Atomics.sub(this.left, 0, BigInt(bytes));
    if (before < BigInt(bytes)) throw tooMuch('the image unpacks to more than is read');
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
