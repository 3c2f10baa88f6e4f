import { RefusalBudget } from './refusal-budget.js';

describe('ingress/refusal-budget', () => {
  const at = (second: number): Date => new Date(second * 1000);
  const exhausted = (): RefusalBudget => {
    const budget = new RefusalBudget();
    for (let count = 0; count < 10; count += 1) budget.take('a', at(0));
    return budget;
  };

  it('lets ten reports of a key pass in a minute, and keeps the next back', () => {
    const budget = new RefusalBudget();

    const taken = Array.from({ length: 12 }, () => budget.take('a', at(0)));

    expect(taken).toEqual([...Array<number>(10).fill(0), undefined, undefined]);
  });

  it('counts for each key by itself', () => {
    expect(exhausted().take('b', at(0))).toBe(0);
  });

  it('tells with the first report of the next minute how many were kept back', () => {
    const budget = exhausted();
    budget.take('a', at(30));
    budget.take('a', at(59));

    expect([budget.take('a', at(60)), budget.take('a', at(61))]).toEqual([2, 0]);
  });

  it('counts a report that did not arrive with the next one', () => {
    const budget = new RefusalBudget();
    budget.take('a', at(0));
    budget.giveBack('a', 1);

    expect(budget.take('a', at(1))).toBe(1);
  });
});
