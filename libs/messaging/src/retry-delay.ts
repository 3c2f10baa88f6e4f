export interface Backoff {
  /** Upper bound of the first delay, in milliseconds; it doubles with every attempt. */
  baseDelayMs: number;
  /** Upper bound of every delay, in milliseconds. */
  maxDelayMs: number;
}

// A registry that asks for more than this is down rather than busy; asking again each hour costs nothing.
const longestRetryAfterMs = 60 * 60 * 1000;

/**
 * Milliseconds until the next attempt: exponential with full jitter, so that messages which failed together do not come
 * back together (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
 *
 * `retryAfterMs` is what the other side asked for: it is a lower bound, and the jitter goes on top, since everybody who
 * was throttled was told the same. It is honoured up to an hour.
 */
export function retryDelayMs(
  where: { attempt: number; backoff: Backoff; random: number },
  retryAfterMs = 0,
): number {
  const { baseDelayMs, maxDelayMs } = where.backoff;
  const ceiling = Math.min(maxDelayMs, baseDelayMs * 2 ** (where.attempt - 1));
  const asked = Number.isFinite(retryAfterMs) ? Math.max(0, retryAfterMs) : longestRetryAfterMs;
  return Math.min(asked, longestRetryAfterMs) + Math.floor(where.random * ceiling);
}
