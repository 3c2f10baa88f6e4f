import * as fc from 'fast-check';

import { DuplicateHistory } from './duplicate-history.js';

const WINDOW_MS = 100;

describe('engine/duplicate-history', () => {
  it('knows an id until its window is over', () => {
    const history = new DuplicateHistory(WINDOW_MS);
    history.remember('a', 0, 1);
    history.remember('b', 60, 2);

    expect([history.find('a', 99), history.find('b', 99), history.find('c', 99)]).toEqual([1, 2, undefined]);
    expect([history.find('a', 100), history.find('b', 100)]).toEqual([undefined, 2]);
  });

  it('gives an id that is accepted again after its window the new number', () => {
    const history = new DuplicateHistory(WINDOW_MS);
    history.remember('a', 0, 1);
    history.remember('a', 100, 2);

    expect(history.find('a', 199)).toBe(2);
  });

  it('answers as a plain map does, before and after it was packed', () => {
    const step = fc.record({ id: fc.integer({ min: 0, max: 3000 }), wait: fc.integer({ min: 0, max: 1 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4000, size: 'max' }), (steps) => {
        const history = new DuplicateHistory(WINDOW_MS);
        const model = new Map<string, { at: number; sequence: number }>();
        let now = 0;
        const expected = (id: string): number | undefined => {
          const seen = model.get(id);
          return seen !== undefined && seen.at > now - WINDOW_MS ? seen.sequence : undefined;
        };
        steps.forEach(({ id: number, wait }, sequence) => {
          now += wait;
          const id = String(number);
          expect(history.find(id, now)).toBe(expected(id));
          if (expected(id) !== undefined) return;
          history.remember(id, now, sequence);
          model.set(id, { at: now, sequence });
        });
        const restored = new DuplicateHistory(WINDOW_MS);
        for (const piece of history.pack(now)) restored.unpack(piece);
        for (const id of model.keys()) expect(restored.find(id, now)).toBe(expected(id));
      }),
      { numRuns: 20 },
    );
  });

  it('holds many ids, and goes on counting when the ring has turned', () => {
    const history = new DuplicateHistory(WINDOW_MS);
    for (let sequence = 0; sequence < 20_000; sequence += 1) {
      history.remember(`id ${sequence}`, Math.floor(sequence / 50), sequence);
    }
    const now = 399;

    expect(history.find('id 15050', now)).toBe(15_050);
    expect(history.find('id 19999', now)).toBe(19_999);
    expect(history.find('id 14999', now)).toBeUndefined();
  });
});
