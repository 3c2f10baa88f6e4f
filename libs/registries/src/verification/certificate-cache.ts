import { X509Certificate } from 'node:crypto';
import type { BoundedFetch } from './bounded-fetch.js';
import { TrustSourceError } from './trust-source-error.js';

// A service uses one certificate at a time and the next one in a while: what exceeds these numbers is somebody who sends
// forged deliveries with made-up addresses, and wants us to ask for each.
const maxRemembered = 100;
const maxFetchesPerMinute = 30;
const minuteMs = 60_000;

/**
 * Certificates by address, fetched once. An address without a certificate is remembered too, until the memory is full.
 *
 * @param now milliseconds, for the allowance of fetches
 */
export function certificateCache(
  fetch: BoundedFetch,
  now: () => number = Date.now,
): (address: string) => Promise<X509Certificate | undefined> {
  const remembered = new Map<string, Promise<X509Certificate | undefined>>();
  let window = { startedAt: now(), fetches: 0 };

  function spendFetch(): void {
    if (now() - window.startedAt >= minuteMs) window = { startedAt: now(), fetches: 0 };
    window.fetches += 1;
    if (window.fetches > maxFetchesPerMinute)
      throw new TrustSourceError(
        'too-often',
        'too many unknown certificates were named: try again in a minute',
      );
  }

  return async (address) => {
    const known = remembered.get(address);
    if (known !== undefined) return known;
    spendFetch();
    forgetOldest(remembered);
    const fetching = fetchCertificate(fetch, address);
    remembered.set(address, fetching);
    // What could not be had now may be had later.
    fetching.catch(() => remembered.delete(address));
    return fetching;
  };
}

function forgetOldest(remembered: Map<string, unknown>): void {
  const [oldest] = remembered.keys();
  if (remembered.size >= maxRemembered && oldest !== undefined) remembered.delete(oldest);
}

async function fetchCertificate(fetch: BoundedFetch, address: string): Promise<X509Certificate | undefined> {
  const { status, text } = await fetch(address);
  if (status !== 200) return undefined;
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}
