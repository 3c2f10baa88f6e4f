import { setTimeout as delay } from 'node:timers/promises';
import type { RunningCopies, RunningCopy } from '../../sync/src/running-copies.js';

// A copy that takes less is told of by its outcome only.
const usualMs = 2_000;

/** Prints a line for every copy that takes its time, again and again until it ends. Ends when the signal aborts. */
export async function watchCopies(
  running: Pick<RunningCopies, 'list'>,
  {
    print,
    signal,
    everyMs = usualMs,
  }: { print: (line: string) => void; signal: AbortSignal; everyMs?: number },
): Promise<void> {
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    // An abort ends the wait by rejecting it, which is how the loop is meant to end.
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
    if (stopped()) return;
    const now = Date.now();
    const slow = running.list().filter(({ startedAt }) => now - Date.parse(startedAt) >= everyMs);
    slow.forEach((copy) => print(copyLine(copy, now)));
  }
}

/** How far a copy has come, in the columns of the ledger's lines. @param now milliseconds since 1970 */
export function copyLine(copy: RunningCopy, now: number): string {
  const { source, target, state, digest = '', blobs, bytes } = copy;
  const name = ({ registry, repository, tag }: RunningCopy['source']): string =>
    `${registry} ${repository}:${tag}`;
  const done = state === 'copying' ? `: ${megabytes(bytes)} MB copied, ${blobs} blobs there` : '';
  const seconds = Math.round((now - Date.parse(copy.startedAt)) / 1000);
  return [
    new Date(now).toISOString().slice(11, 23),
    'sync'.padEnd(8),
    `sync.${state}`.padEnd(22),
    digest.slice(digest.indexOf(':') + 1, digest.indexOf(':') + 13).padEnd(14),
    `${name(source)} to ${name(target)}${done}`,
    `(${seconds} s)`,
  ].join('  ');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
