import { setTimeout as wait } from 'node:timers/promises';

/** Lets requests go at a steady pace, and counts them. */
export class RequestPace {
  count = 0;
  #next = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    private readonly perSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Resolves when the next request may go. */
  async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.count += 1;
    const at = Math.max(this.#next, this.now());
    this.#next = at + 1000 / this.perSecond;
    const waitMs = at - this.now();
    if (waitMs > 1) await wait(waitMs, undefined, { signal });
  }
}
