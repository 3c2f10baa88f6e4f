import { isIPv6 } from 'node:net';
import type { RateLimit } from '@pratique/registries';
import { TokenBucket } from './token-bucket.js';

// Enough for a sender that was given a wrong secret and repeats itself until somebody looks; at this pace even a secret of
// six letters and digits holds for two centuries.
const allowance: RateLimit = { perSecond: 1 / 3, burst: 20 };

// Who fails is remembered in memory, so there is an end to how many are.
const mostRemembered = 10_000;

/**
 * Bounds how often somebody can try a secret: for each registry and address, twenty failures and then one every three seconds.
 * It is counted by address, because a bound on the registry alone would let a stranger lock out the true sender.
 */
export class GuessLimit {
  readonly #failures = new Map<string, TokenBucket>();

  /** @returns 0, or the whole seconds that whoever is at this address must wait */
  wait(registry: string, address: string | undefined, now: Date): number {
    return this.#failures.get(keyOf(registry, address))?.wait(now) ?? 0;
  }

  failed(registry: string, address: string | undefined, now: Date): void {
    const key = keyOf(registry, address);
    const bucket = this.#failures.get(key) ?? new TokenBucket(allowance);
    bucket.take(now);
    // To the end: whoever has not failed for the longest time is forgotten first.
    this.#failures.delete(key);
    this.#failures.set(key, bucket);
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= mostRemembered) break;
      this.#failures.delete(oldest);
    }
  }
}

function keyOf(registry: string, address = ''): string {
  return `${registry} ${isIPv6(address) ? prefix64(address) : address}`;
}

/** Whoever has one address of IPv6 has 2^64 of them: those that share the first half. */
function prefix64(address: string): string {
  const [head = '', tail] = address.split('::');
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':').map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''));
}
