import { setTimeout as delay } from 'node:timers/promises';
import { acrPush, secret } from './acr-push.js';
import { HttpConnection, postRequest } from './http-connection.js';

export const connections = 64;

/** To which registry of which server. */
export interface Destination {
  port: number;
  registry: string;
}

export interface LoadResult {
  /** Answers by status. */
  statuses: ReadonlyMap<number, number>;
  answered: number;
  seconds: number;
  /** Milliseconds from when a request was due to its answer, ascending. */
  latencies: readonly number[];
}

/** So many requests, as fast as the server takes them: every connection asks again as soon as it is answered. */
export function flood(to: Destination, requests: number): Promise<LoadResult> {
  let left = requests;
  return run(to, connections, () => {
    left -= 1;
    return left >= 0 ? performance.now() : undefined;
  });
}

/** So many requests a second, whether or not the server keeps pace: one that has to wait is late. */
export function paced(
  to: Destination,
  { perSecond, seconds, over = connections }: { perSecond: number; seconds: number; over?: number },
): Promise<LoadResult> {
  const begun = performance.now();
  let next = 0;
  return run(to, over, async () => {
    if (next >= perSecond * seconds) return undefined;
    const due = begun + (next * 1000) / perSecond;
    next += 1;
    if (due > performance.now()) await delay(due - performance.now());
    return due;
  });
}

async function run(
  { port, registry }: Destination,
  over: number,
  nextDue: () => number | undefined | Promise<number | undefined>,
): Promise<LoadResult> {
  const open = await Promise.all(Array.from({ length: over }, () => HttpConnection.open(port)));
  const statuses = new Map<number, number>();
  const latencies: number[] = [];
  const headers = { authorization: `Bearer ${secret}` };
  const begun = performance.now();
  const work = async (connection: HttpConnection): Promise<void> => {
    for (let due = await nextDue(); due !== undefined; due = await nextDue()) {
      const status = await connection.ask(postRequest(`/webhooks/${registry}`, acrPush(), headers));
      latencies.push(performance.now() - due);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(open.map(work));
  const seconds = (performance.now() - begun) / 1000;
  for (const connection of open) connection.close();
  return {
    statuses,
    answered: latencies.length,
    seconds,
    latencies: latencies.toSorted((a, b) => a - b),
  };
}

export function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** A figure is worth nothing when what was measured failed. */
export function allAccepted(result: LoadResult): LoadResult {
  const { statuses, answered } = result;
  if (statuses.get(202) === answered) return result;
  const counts = [...statuses].map(([status, count]) => `${count} times ${status}`).join(', ');
  throw new Error(`not every push was answered 202: ${counts}`);
}
