import type { RegistryEvent } from '@pratique/contracts';
import type { Delivery } from '../src/delivery.js';
import type { Handle } from './start-consumers.js';

export interface Call {
  event: RegistryEvent;
  delivery: Delivery;
}

export interface Recorder {
  handle: Handle;
  seen: Call[];
  attempts(): number[];
  /** Waits until the handler has been called so many times. */
  calls(count: number): Promise<Call[]>;
}

/** A handler that remembers its calls, and can be waited for. */
export function recorder(behave: (call: Call) => unknown = () => undefined): Recorder {
  const seen: Call[] = [];
  let check = (): void => undefined;
  return {
    handle: (event, delivery) => {
      seen.push({ event, delivery });
      check();
      return behave({ event, delivery });
    },
    seen,
    attempts: () => seen.map(({ delivery }) => delivery.attempt),
    calls: (count) =>
      new Promise((resolve) => {
        check = () => {
          if (seen.length >= count) resolve(seen);
        };
        check();
      }),
  };
}

/** Rejects when the signal aborts, as work that can be interrupted does. */
export async function untilAborted(signal: AbortSignal): Promise<never> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
  throw new Error('interrupted');
}
