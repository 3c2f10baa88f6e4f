export interface ConcurrencyOptions {
  concurrency: number;
  signal?: AbortSignal | undefined;
}

/**
 * Does something with every item, a few at a time. The first failure aborts the signal that the others were given;
 * they are awaited, so that nothing goes on after this has failed, and then the first failure is thrown.
 */
export async function forEachLimited<T>(
  items: readonly T[],
  options: ConcurrencyOptions,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const queue = items.values();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      if (signal.aborted) return;
      try {
        await work(item, signal);
      } catch (error) {
        failures.push(error);
        stop.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, items.length) }, worker));
  options.signal?.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}
