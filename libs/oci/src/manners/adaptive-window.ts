import { Places } from './places.js';

/** Where a window starts, and what it never exceeds. */
export interface WindowLimits {
  start: number;
  most: number;
}

/** One burst of 429 answers is one sign: they were all asked for before the first of them was heard. */
const oneSignMs = 1000;

/**
 * How many requests may be under way at the same time, found out as TCP does it: each window of answers lets one more in, a 429
 * halves it.
 */
export class AdaptiveWindow {
  private size: number;
  private halvedAt = Number.NEGATIVE_INFINITY;
  private readonly places: Places;

  constructor(
    private readonly limits: WindowLimits,
    private readonly now: () => number,
  ) {
    this.size = limits.start;
    this.places = new Places(this.width);
  }

  /** Requests that may be under way now. */
  get width(): number {
    return Math.max(1, Math.floor(this.size));
  }

  /** Waits for a place, which has to be given back with {@link leave}. */
  async enter(signal?: AbortSignal): Promise<void> {
    await this.places.enter(signal);
  }

  leave(): void {
    this.places.leave();
  }

  /** An answer came, and it was no 429. */
  widen(): void {
    this.size = Math.min(this.limits.most, this.size + 1 / this.size);
    this.places.resize(this.width);
  }

  halve(): void {
    const now = this.now();
    if (now - this.halvedAt < oneSignMs) return;
    this.halvedAt = now;
    this.size = Math.max(1, this.size / 2);
    this.places.resize(this.width);
  }
}
