import { setTimeout as delay } from 'node:timers/promises';

// Of PostgreSQL, that it is starting or stopping, or has no connection left at the moment
// (https://www.postgresql.org/docs/current/errcodes-appendix.html); of the system, that nobody answers there, or that its
// name is not known yet, as before a container has started.
const passing: ReadonlySet<unknown> = new Set([
  '57P01',
  '57P03',
  '53300',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'ENOTFOUND',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'EPIPE',
]);

// The driver has no code for these (pg-pool 3: `timeout exceeded when trying to connect`).
const passingMessage = /^Connection terminated|^timeout e/;

export interface UntilReachableOptions {
  /** Told of the first attempt that failed, and then of every thirtieth. */
  onWaiting?: (error: unknown) => void;
  everyMs?: number;
  /** Ends the waiting. */
  signal?: AbortSignal;
}

const toldEvery = 30;

/**
 * Tries until the database answers, however long that takes.
 *
 * @throws what the attempt throws when waiting would not help (a wrong password, a database that does not exist), or what it threw last
 *   when the signal ended the waiting
 */
export async function untilReachable<T>(
  attempt: () => Promise<T>,
  options: UntilReachableOptions = {},
): Promise<T> {
  const { onWaiting, everyMs, signal } = { everyMs: 1_000, ...options };
  const isFinal = (error: unknown): boolean => signal?.aborted === true || !willPass(error);
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (isFinal(error)) throw error;
      if (failures % toldEvery === 0) onWaiting?.(error);
    }
    // When it is ended by the signal, one more attempt says what is still wrong.
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

function willPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (passing.has(code) || passingMessage.test(error.message)) return true;
  // A name with several addresses fails with the failures of all of them.
  const causes: unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  return causes.some(willPass);
}
