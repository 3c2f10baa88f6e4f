import type { Clock, Timer } from './clock.js';

interface Waiting {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock for tests: time moves only when `advance` is called, and due timers run before it returns, in order. */
export class ManualClock implements Clock {
  private readonly waiting = new Set<Waiting>();

  constructor(private time: number = Date.now()) {}

  now(): number {
    return this.time;
  }

  after(delayMs: number, callback: () => void): Timer {
    const entry: Waiting = { at: this.time + Math.max(delayMs, 0), callback };
    this.waiting.add(entry);
    return { cancel: () => void this.waiting.delete(entry) };
  }

  /** Moves time forward by `ms`, running every timer that falls due on the way at its own moment. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (let next = this.earliest(end); next !== undefined; next = this.earliest(end)) {
      this.waiting.delete(next);
      this.time = Math.max(this.time, next.at);
      next.callback();
    }
    this.time = end;
  }

  private earliest(end: number): Waiting | undefined {
    let first: Waiting | undefined;
    for (const entry of this.waiting) {
      if (entry.at <= end && (first === undefined || entry.at < first.at)) first = entry;
    }
    return first;
  }
}
