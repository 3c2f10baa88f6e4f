const perWindow = 10;
const windowMs = 60_000;

interface Window {
  startedAt: number;
  reported: number;
  suppressed: number;
}

/**
 * How many refusals are reported: ten a minute for each key, so that whoever knocks at the door cannot flood the log
 * that everybody reads. What is kept back is counted, and the count goes with the next report of that key.
 */
export class RefusalBudget {
  readonly #windows = new Map<string, Window>();

  /** @returns how many were kept back since the last report, or undefined when this one is to be kept back too */
  take(key: string, now: Date): number | undefined {
    const window = this.#windowAt(key, now.getTime());
    if (window.reported >= perWindow) {
      window.suppressed += 1;
      return undefined;
    }
    window.reported += 1;
    const { suppressed } = window;
    window.suppressed = 0;
    return suppressed;
  }

  /** Counts refusals again whose report did not arrive. */
  giveBack(key: string, count: number): void {
    const window = this.#windows.get(key);
    if (window !== undefined) window.suppressed += count;
  }

  #windowAt(key: string, now: number): Window {
    const window = this.#windows.get(key) ?? { startedAt: now, reported: 0, suppressed: 0 };
    if (now - window.startedAt >= windowMs) {
      window.startedAt = now;
      window.reported = 0;
    }
    this.#windows.set(key, window);
    return window;
  }
}
