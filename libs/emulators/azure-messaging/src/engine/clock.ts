export interface Timer {
  cancel(): void;
}

/**
 * The engine's only source of time: lock expiry, schedules, duplicate windows and retention all read it, so that a
 * test can move hours forward without waiting. `now` and `after` count milliseconds; `now` is a Unix time.
 */
export interface Clock {
  now(): number;
  after(delayMs: number, callback: () => void): Timer;
}

/** setTimeout turns longer delays into 1 ms; whoever set the timer looks at the clock again when it fires. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), LONGEST_DELAY_MS));
    return { cancel: () => clearTimeout(timer) };
  },
};
