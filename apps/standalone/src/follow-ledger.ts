import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { z } from 'zod';
import { LedgerEntry } from './progress-line.js';

const Page = z.object({ entries: z.array(LedgerEntry) });

// Quick enough to look live; one indexed query each time.
const pollMs = 100;

/** Where the ledger ends now: the sequence of its newest entry, 0 when it is empty. */
export async function endOfLedger(url: string): Promise<number> {
  const [newest] = await readPage(`${url}/api/v1/entries?order=desc&limit=1`);
  return newest?.sequence ?? 0;
}

/** The ledger's entries after a sequence, in order, as they are written. Ends when the signal aborts. */
export async function* followLedger(
  url: string,
  { after, signal }: { after: number; signal: AbortSignal },
): AsyncGenerator<LedgerEntry, void, void> {
  let last = after;
  while (!signal.aborted) {
    for (const entry of await readPage(`${url}/api/v1/entries?order=asc&limit=100&after=${last}`, signal)) {
      last = entry.sequence;
      yield entry;
    }
    // An abort ends the wait by rejecting it, which is how the loop is meant to end.
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

async function readPage(url: string, signal?: AbortSignal): Promise<LedgerEntry[]> {
  const { statusCode, body } = await request(url, { signal: signal ?? null });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`The ledger answered ${statusCode}: ${text}`);
  return Page.parse(JSON.parse(text)).entries;
}
