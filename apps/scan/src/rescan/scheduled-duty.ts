import { Logger } from '@nestjs/common';

export interface Duty {
  name: string;
  everyMs: number;
  /** @param number of the interval since 1970, the same for all workers */
  run(interval: number, signal: AbortSignal): Promise<void>;
}

// What setTimeout can wait for.
const maxWaitMs = 2 ** 31 - 1;

/**
 * Does something in every interval, which all workers count alike: what they find at the same time has the same ids, so that
 * the broker keeps one of each. A run that fails is told and left to the next.
 */
export class ScheduledDuty {
  readonly #logger = new Logger(ScheduledDuty.name);
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly duty: Duty,
    private readonly now: () => number = Date.now,
  ) {}

  start(): void {
    const { everyMs } = this.duty;
    const interval = Math.floor(this.now() / everyMs) + 1;
    this.#wait(interval, interval * everyMs - this.now());
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopping.abort(new Error('shutting down'));
    await this.#running;
  }

  #wait(interval: number, ms: number): void {
    const step = Math.min(ms, maxWaitMs);
    this.#timer = setTimeout(() => {
      if (step < ms) this.#wait(interval, ms - step);
      else this.#running = this.#run(interval);
    }, step).unref();
  }

  async #run(interval: number): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await this.duty.run(interval, signal);
    } catch (error) {
      if (!signal.aborted)
        this.#logger.error({
          msg: 'A scheduled duty failed; the next run finds the same',
          duty: this.duty.name,
          err: error,
        });
    }
    if (!signal.aborted) this.start();
  }
}
