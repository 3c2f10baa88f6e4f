import { type Settlement, SettlementGate } from './settlement-gate.js';

/** Asks for settlements in order and finishes them one by one; tells which were running together at each step. */
async function turnsOf(asked: Settlement[]): Promise<string[]> {
  const gate = new SettlementGate();
  const running = new Map<number, { settlement: Settlement; finish: () => void }>();
  const all = asked.map((settlement, index) =>
    gate.pass(settlement, () => new Promise<void>((finish) => running.set(index, { settlement, finish }))),
  );
  const turns: string[] = [];
  for (let left = asked.length; left > 0; left -= 1) {
    await new Promise(setImmediate);
    turns.push([...running.values()].map(({ settlement }) => settlement).join('+'));
    const [first] = running.keys();
    running.get(first ?? -1)?.finish();
    running.delete(first ?? -1);
  }
  await Promise.all(all);
  return turns;
}

describe('messaging/settlement-gate', () => {
  it('lets completions go together', async () => {
    expect(await turnsOf(['complete', 'complete'])).toEqual(['complete+complete', 'complete']);
  });

  it('never lets different settlements run at the same time', async () => {
    expect(await turnsOf(['complete', 'dead-letter', 'complete', 'abandon'])).toEqual([
      'complete',
      'dead-letter',
      'complete',
      'abandon',
    ]);
  });

  it('runs dead letters one by one, since their reasons differ', async () => {
    expect(await turnsOf(['dead-letter', 'dead-letter'])).toEqual(['dead-letter', 'dead-letter']);
  });

  it('does not let later completions overtake a dead letter that waits', async () => {
    expect(await turnsOf(['complete', 'complete', 'dead-letter', 'complete'])).toEqual([
      'complete+complete',
      'complete',
      'dead-letter',
      'complete',
    ]);
  });

  it('goes on after a settlement that failed, and hands its error on', async () => {
    const gate = new SettlementGate();
    const failed = gate.pass('complete', () => Promise.reject(new Error('lock lost')));
    const next = gate.pass('dead-letter', () => Promise.resolve('done'));
    await expect(failed).rejects.toThrow('lock lost');
    await expect(next).resolves.toBe('done');
  });
});
