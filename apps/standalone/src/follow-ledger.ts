import { setTimeout as delay } from 'node:timers/promises';
import type { Entry } from '../../audit/src/entry.js';
import type { EntryStore } from '../../audit/src/entry-store.js';

// Quick enough to look live; one indexed query each time.
const pollMs = 100;

/** Where the ledger ends now: the sequence of its newest entry, 0 when it is empty. */
export async function endOfLedger(store: EntryStore): Promise<number> {
  const { entries } = await store.list({ order: 'desc', limit: 1 });
  return entries[0]?.sequence ?? 0;
}

/** The ledger's entries after a sequence, in order, as they are written. Ends when the signal aborts. */
export async function* followLedger(
  store: EntryStore,
  { after, signal }: { after: number; signal: AbortSignal },
): AsyncGenerator<Entry, void, void> {
  let last = after;
  while (!signal.aborted) {
    const { entries } = await store.list({ order: 'asc', limit: 100, after: last });
    for (const entry of entries) {
      last = entry.sequence;
      yield entry;
    }
    // An abort ends the wait by rejecting it, which is how the loop is meant to end.
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
}
