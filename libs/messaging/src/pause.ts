import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, but no longer than until the signal aborts. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Waits for the work, but no longer than so many milliseconds; what it does afterwards is its own affair. */
export async function waitAtMost(ms: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const finished = work.finally(() => done.abort());
  await Promise.race([finished, pause(ms, done.signal)]);
}

/** What the work gives, or nothing when that takes longer than so many milliseconds or the signal aborts before. */
export async function answerWithin<T>(
  ms: number,
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const done = new AbortController();
  const tooLong = pause(ms, AbortSignal.any([done.signal, signal])).then(() => undefined);
  return Promise.race([work.finally(() => done.abort()), tooLong]);
}
