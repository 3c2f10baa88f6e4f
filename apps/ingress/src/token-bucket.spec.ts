import * as fc from 'fast-check';
import { TokenBucket } from './token-bucket.js';

const limit = { perSecond: 2, burst: 3 };
const at = (ms: number): Date => new Date(1_700_000_000_000 + ms);

describe('ingress/token-bucket', () => {
  it('gives a burst at once, and then says how long to wait', () => {
    const bucket = new TokenBucket(limit);

    expect([1, 2, 3, 4].map(() => bucket.take(at(0)))).toEqual([0, 0, 0, 1]);
  });

  it('fills up again with time, up to the burst', () => {
    const bucket = new TokenBucket(limit);
    for (let times = 0; times < 3; times += 1) bucket.take(at(0));

    expect([bucket.take(at(499)), bucket.take(at(500)), bucket.take(at(501))]).toEqual([1, 0, 1]);
    expect([1, 2, 3, 4].map(() => bucket.take(at(60_000)))).toEqual([0, 0, 0, 1]);
  });

  it('tells a wait of many seconds where little is allowed', () => {
    const bucket = new TokenBucket({ perSecond: 0.1, burst: 1 });
    bucket.take(at(0));

    expect(bucket.wait(at(1_000))).toBe(9);
  });

  it('gives nothing for a clock that is set back', () => {
    const bucket = new TokenBucket(limit);
    for (let times = 0; times < 3; times += 1) bucket.take(at(10_000));

    expect([bucket.take(at(0)), bucket.take(at(100))]).toEqual([1, 1]);
  });

  it('never gives more than the burst and what has come since, whenever it is asked', () => {
    const pauses = fc.array(fc.nat(700), { maxLength: 200 });

    fc.assert(
      fc.property(pauses, (waits) => {
        const bucket = new TokenBucket(limit);
        let now = 0;
        let given = 0;
        for (const wait of waits) {
          now += wait;
          if (bucket.take(at(now)) === 0) given += 1;
        }
        expect(given).toBeLessThanOrEqual(limit.burst + (now / 1000) * limit.perSecond + 1e-6);
      }),
    );
  });
});
