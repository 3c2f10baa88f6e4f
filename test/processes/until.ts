import { setTimeout as delay } from 'node:timers/promises';

// Between two looks at something that cannot tell when it changes, such as a table behind HTTP.
const pauseMs = 25;

export interface Patience {
  /** What is waited for, for the message when it does not come. */
  what: string;
  /** Milliseconds; default 20 s. */
  forMs?: number;
}

/** Looks until there is something to see. @throws Error that says what did not come */
export async function until<T>(
  look: () => Promise<T | undefined>,
  { what, forMs = 20_000 }: Patience,
): Promise<T> {
  const deadline = performance.now() + forMs;
  while (performance.now() < deadline) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await delay(pauseMs);
  }
  throw new Error(`Waited ${forMs} ms in vain for ${what}.`);
}
