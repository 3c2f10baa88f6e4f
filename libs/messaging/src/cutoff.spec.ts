import { Cutoff } from './cutoff.js';

describe('messaging/cutoff', () => {
  const never = new Promise<never>(() => undefined);

  it('gives what the work gives, or throws what it throws', async () => {
    const cutoff = new Cutoff();
    await expect(cutoff.before(Promise.resolve(undefined))).resolves.toEqual({ value: undefined });
    await expect(cutoff.before(Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
  });

  it('stops waiting when the moment comes, and does not begin to after it', async () => {
    const cutoff = new Cutoff();
    const waiting = cutoff.before(never);
    expect(cutoff.isPast).toBe(false);
    cutoff.cut();
    expect(cutoff.isPast).toBe(true);
    await expect(waiting).resolves.toBeUndefined();
    await expect(cutoff.before(never)).resolves.toBeUndefined();
  });

  it('takes no notice of work that fails when it is past', async () => {
    const cutoff = new Cutoff();
    cutoff.cut();
    await expect(cutoff.before(Promise.reject(new Error('too late')))).resolves.toBeUndefined();
  });
});
