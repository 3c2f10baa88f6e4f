import type { RateLimit } from '@pratique/registries';

/** An allowance that fills up by itself: so much a second, and never more than a burst. */
export class TokenBucket {
  #tokens: number;
  #filledAt: number | undefined;

  constructor(private readonly limit: RateLimit) {
    this.#tokens = limit.burst;
  }

  /** Takes one, if there is one. @returns 0, or the whole seconds until there will be one */
  take(now: Date): number {
    const wait = this.wait(now);
    if (wait === 0) this.#tokens -= 1;
    return wait;
  }

  /** As {@link take}, without taking. */
  wait(now: Date): number {
    this.#fill(now.getTime());
    return this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) / this.limit.perSecond);
  }

  #fill(now: number): void {
    // A clock that was set back gives nothing and takes nothing.
    const seconds = Math.max(0, now - (this.#filledAt ?? now)) / 1000;
    this.#tokens = Math.min(this.limit.burst, this.#tokens + seconds * this.limit.perSecond);
    this.#filledAt = now;
  }
}
