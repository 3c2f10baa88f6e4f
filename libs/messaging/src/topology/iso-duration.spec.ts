import fc from 'fast-check';
import { isoDuration, millisecondsOf } from './iso-duration.js';

describe('messaging/topology/iso-duration', () => {
  it.each([
    [60_000, 'PT1M'],
    [600_000, 'PT10M'],
    [90_500, 'PT1M30.5S'],
    [3_600_000, 'PT1H'],
    [14 * 86_400_000, 'PT336H'],
    [0, 'PT0S'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(isoDuration(ms)).toBe(text);
  });

  it.each([
    ['P14D', 14 * 86_400_000],
    ['PT60S', 60_000],
    ['P1DT1H', 90_000_000],
    ['P10675199DT2H48M5.4775807S', 922_337_203_685_477],
  ])('reads %s as Service Bus writes it', (text, ms) => {
    expect(millisecondsOf(text)).toBeCloseTo(ms, -1);
  });

  it.each(['', 'P', 'PT', 'P1DT', '60', 'P1M', 'PT1M ', '-PT1M'])('reads no duration out of %j', (text) => {
    expect(millisecondsOf(text)).toBeUndefined();
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (ms) => {
        expect(Math.round(millisecondsOf(isoDuration(ms))!)).toBe(ms);
      }),
    );
  });
});
