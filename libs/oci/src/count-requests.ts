import { AsyncLocalStorage } from 'node:async_hooks';

interface RequestCount {
  requests: number;
}

const counts = new AsyncLocalStorage<RequestCount>();

/** Counts the HTTP requests that a piece of work makes, however deep: clients are shared by many copies at a time. */
export async function countRequests<T>(work: () => Promise<T>): Promise<{ result: T; requests: number }> {
  const count: RequestCount = { requests: 0 };
  const result = await counts.run(count, work);
  return { result, requests: count.requests };
}

/** To be called for every request that is sent. */
export function countRequest(): void {
  const count = counts.getStore();
  if (count !== undefined) count.requests += 1;
}
