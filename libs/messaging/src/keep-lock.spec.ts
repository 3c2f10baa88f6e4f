import { keepLock } from './keep-lock.js';

const minute = 60_000;

describe('messaging/keep-lock', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function lockFor(renew: () => Promise<Date>, lockedForMs = minute) {
    const lost = jest.fn();
    const release = keepLock({
      lockedUntil: new Date(Date.now() + lockedForMs),
      renew,
      isLost: (error) => (error as Error).message === 'lock lost',
      onLost: lost,
    });
    return { lost, release };
  }

  it('renews at half time, for as long as it is not released', async () => {
    const renew = jest.fn(async () => new Date(Date.now() + minute));
    const { release } = lockFor(renew);
    await jest.advanceTimersByTimeAsync(29_999);
    expect(renew).toHaveBeenCalledTimes(0);
    await jest.advanceTimersByTimeAsync(60 * minute);
    expect(renew).toHaveBeenCalledTimes(120);
    release();
    await jest.advanceTimersByTimeAsync(60 * minute);
    expect(renew).toHaveBeenCalledTimes(120);
  });

  it('tries again when the broker cannot be reached, also past the time that it knows of', async () => {
    let reachable = false;
    const renew = jest.fn(async () => {
      if (!reachable) throw new Error('connection refused');
      return new Date(Date.now() + minute);
    });
    const { lost, release } = lockFor(renew);
    await jest.advanceTimersByTimeAsync(2 * minute);
    reachable = true;
    await jest.advanceTimersByTimeAsync(minute);
    expect(await renew.mock.results.at(-1)?.value).toEqual(expect.any(Date));
    expect(lost).not.toHaveBeenCalled();
    release();
  });

  it('says once that the lock is lost when the broker says so, and stops', async () => {
    const renew = jest.fn(() => Promise.reject(new Error('lock lost')));
    const { lost } = lockFor(renew);
    await jest.advanceTimersByTimeAsync(10 * minute);
    expect(lost).toHaveBeenCalledTimes(1);
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it('says nothing of a loss after it was released', async () => {
    let fail: (error: Error) => void = () => undefined;
    const { lost, release } = lockFor(() => new Promise((_, reject) => (fail = reject)));
    await jest.advanceTimersByTimeAsync(minute);
    release();
    fail(new Error('lock lost'));
    await jest.advanceTimersByTimeAsync(minute);
    expect(lost).not.toHaveBeenCalled();
  });

  it('renews at least every half minute, so that a service whose clock is behind does not sleep past the end', async () => {
    const renew = jest.fn(async () => new Date(Date.now() + 60 * minute));
    const { release } = lockFor(renew, 60 * minute);
    await jest.advanceTimersByTimeAsync(30_000);
    expect(renew).toHaveBeenCalledTimes(1);
    release();
  });
});
