import { forEachLimited } from './for-each-limited.js';

describe('oci/for-each-limited', () => {
  it('does everything, no more than so many at a time', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await forEachLimited([1, 2, 3, 4, 5], { concurrency: 2 }, async (item) => {
      most = Math.max(most, (running += 1));
      await new Promise(setImmediate);
      running -= 1;
      done.push(item);
    });
    expect(done.toSorted()).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it('stops the others at the first failure, waits for them, and throws it', async () => {
    const seen: string[] = [];
    const work = async (item: string, signal: AbortSignal): Promise<void> => {
      if (item === 'bad') throw new Error('first');
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      seen.push(`${item} stopped`);
    };
    await expect(forEachLimited(['slow', 'bad', 'never'], { concurrency: 2 }, work)).rejects.toThrow('first');
    expect(seen).toEqual(['slow stopped']);
  });

  it("throws the caller's reason when the caller stops it", async () => {
    const reason = new Error('enough');
    await expect(
      forEachLimited([1], { concurrency: 1, signal: AbortSignal.abort(reason) }, () => Promise.resolve()),
    ).rejects.toBe(reason);
  });
});
