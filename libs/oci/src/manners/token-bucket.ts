import type { Clock } from './clock.js';

/**
 * Spreads requests so that no minute holds more than three quarters of what the registry allows in one: a quarter may come at
 * once, the rest follows evenly. The last quarter is left to the registry's other clients.
 */
export class TokenBucket {
  private readonly capacity: number;
  private readonly perMs: number;
  /** Below zero it is what has been promised to those who wait. */
  private tokens: number;
  private filledAt: number;

  constructor(
    perMinute: number,
    private readonly clock: Clock,
  ) {
    this.capacity = Math.max(1, perMinute / 4);
    this.perMs = perMinute / 2 / 60_000;
    this.tokens = this.capacity;
    this.filledAt = clock.now();
  }

  /** Waits until one more request is in order; in turn, since each takes its token before it waits. */
  async take(signal?: AbortSignal): Promise<void> {
    const now = this.clock.now();
    this.tokens = Math.min(this.capacity, this.tokens + (now - this.filledAt) * this.perMs);
    this.filledAt = now;
    this.tokens -= 1;
    if (this.tokens >= 0) return;
    try {
      await this.clock.wait(-this.tokens / this.perMs, signal);
    } catch (error) {
      this.tokens += 1;
      throw error;
    }
  }
}
