import { setTimeout as wait } from 'node:timers/promises';

/** Time and chance, so that tests need not wait for either. */
export interface Clock {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** @throws the signal's reason when it is aborted first */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  async wait(ms, signal) {
    if (ms <= 0) {
      signal?.throwIfAborted();
      return;
    }
    try {
      await wait(ms, undefined, { signal });
    } catch (error) {
      // Node wraps the reason in an AbortError.
      signal?.throwIfAborted();
      throw error;
    }
  },
  random: () => Math.random(),
};
