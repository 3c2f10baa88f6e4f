import fc from 'fast-check';
import { retryDelayMs } from './retry-delay.js';

const backoff = { baseDelayMs: 1000, maxDelayMs: 60_000 };

describe('messaging/retry-delay', () => {
  it('doubles its upper bound with every attempt, up to the maximum', () => {
    const ceilings = [1, 2, 3, 7, 8, 1000].map((attempt) =>
      retryDelayMs({ attempt, backoff, random: 1 - Number.EPSILON }),
    );
    expect(ceilings).toEqual([999, 1999, 3999, 59_999, 59_999, 59_999]);
  });

  it('spreads over the whole range, from nothing', () => {
    expect(retryDelayMs({ attempt: 5, backoff, random: 0 })).toBe(0);
  });

  it('is never shorter than what the other side asked for, and never asks for more than an hour and the jitter', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.double(),
        (attempt, random, retryAfterMs) => {
          const delay = retryDelayMs({ attempt, backoff, random }, retryAfterMs);
          const asked = Number.isNaN(retryAfterMs) ? 0 : Math.min(retryAfterMs, 3_600_000);
          expect(delay).toBeGreaterThanOrEqual(Math.max(0, asked));
          expect(delay).toBeLessThanOrEqual(3_600_000 + backoff.maxDelayMs);
        },
      ),
    );
  });
});
