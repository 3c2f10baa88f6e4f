import { InTurn } from './in-turn.js';

describe('sync/in-turn', () => {
  const never = new AbortController().signal;

  it('runs work with the same key one after the other, in the order in which it came', async () => {
    const turns = new InTurn();
    const first = Promise.withResolvers<undefined>();
    const order: string[] = [];
    const one = turns.run('a', () => first.promise.then(() => void order.push('one')), never);
    const two = turns.run('a', () => Promise.resolve(void order.push('two')), never);
    const other = turns.run('b', () => Promise.resolve(void order.push('other')), never);

    await other;
    expect(order).toEqual(['other']);
    first.resolve(undefined);
    await Promise.all([one, two]);

    expect(order).toEqual(['other', 'one', 'two']);
  });

  it('goes on after work that failed, whose failure only its own caller hears of', async () => {
    const turns = new InTurn();
    const failing = turns.run('a', () => Promise.reject(new Error('no')), never);
    const next = turns.run('a', () => Promise.resolve('yes'), never);

    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });

  it('does not begin work that was told to stop while it waited', async () => {
    const turns = new InTurn();
    const first = Promise.withResolvers<undefined>();
    const abort = new AbortController();
    const began: string[] = [];
    const one = turns.run('a', () => first.promise, never);
    const two = turns.run('a', () => Promise.resolve(began.push('two')), abort.signal);
    abort.abort(new Error('shutting down'));
    first.resolve(undefined);
    await one;

    await expect(two).rejects.toThrow('shutting down');
    expect(began).toEqual([]);
  });
});
