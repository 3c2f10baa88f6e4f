import { HourlyBudget } from './hourly-budget.js';

describe('sync/hourly-budget', () => {
  it('gives so many in any hour, to each rule its own', () => {
    let now = 0;
    const budget = new HourlyBudget(() => now);
    const take = (): boolean => budget.take('a', 2);

    expect([take(), take(), take()]).toEqual([true, true, false]);
    expect(budget.take('b', 2)).toBe(true);
    now = 59 * 60_000;
    expect(take()).toBe(false);
    now = 61 * 60_000;
    expect([take(), take(), take()]).toEqual([true, true, false]);
  });

  it('holds nothing back under an unbounded word', () => {
    const budget = new HourlyBudget();

    expect(Array.from({ length: 100 }, () => budget.take('a', Infinity)).every(Boolean)).toBe(true);
  });
});
