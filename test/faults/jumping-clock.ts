import type { Clock, Timer } from '@pratique/emulators-azure-messaging';

interface Waiting {
  at: number;
  callback: () => void;
  timer: NodeJS.Timeout;
}

/** The system's time, which a test can move forward: locks of dead workers then end at once instead of in a minute. */
export class JumpingClock implements Clock {
  readonly #waiting = new Set<Waiting>();
  #ahead = 0;

  now(): number {
    return Date.now() + this.#ahead;
  }

  after(delayMs: number, callback: () => void): Timer {
    const entry: Waiting = {
      at: this.now() + Math.max(0, delayMs),
      callback,
      timer: setTimeout(() => this.#run(entry), Math.max(0, delayMs)),
    };
    this.#waiting.add(entry);
    return { cancel: () => this.#forget(entry) };
  }

  jump(ms: number): void {
    this.#ahead += ms;
    for (const entry of [...this.#waiting].sort((a, b) => a.at - b.at)) {
      if (entry.at <= this.now()) this.#run(entry);
    }
  }

  #run(entry: Waiting): void {
    if (!this.#waiting.has(entry)) return;
    this.#forget(entry);
    entry.callback();
  }

  #forget(entry: Waiting): void {
    clearTimeout(entry.timer);
    this.#waiting.delete(entry);
  }
}
