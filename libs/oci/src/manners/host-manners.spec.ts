import { OciError, type OciErrorCode } from '../oci-error.js';
import type { Clock } from './clock.js';
import { HostManners, type MannersOptions } from './host-manners.js';
import type { RequestKind } from './request-kind.js';

/** Time passes only while somebody waits for it. */
class TestClock implements Clock {
  waited: number[] = [];
  private time = 0;

  now(): number {
    return this.time;
  }

  wait(ms: number): Promise<void> {
    this.waited.push(ms);
    this.time += ms;
    return Promise.resolve();
  }

  random(): number {
    return 0.5;
  }
}

function failing(code: OciErrorCode, retryAfterMs?: number): OciError {
  return new OciError(`a test says ${code}`, { code, operation: 'get-manifest', retryAfterMs });
}

describe('oci/manners/host-manners', () => {
  let clock: TestClock;
  let manners: HostManners;

  beforeEach(() => start());

  function start(options: MannersOptions = {}): void {
    clock = new TestClock();
    manners = new HostManners('registry.test', { clock, ...options });
  }

  async function ask(answer: OciError | 'fine' = 'fine', kind: RequestKind = 'read'): Promise<string> {
    return await manners.send({ kind, operation: 'get-manifest' }, () =>
      answer === 'fine' ? Promise.resolve('answered') : Promise.reject(answer),
    );
  }

  async function askTimes(count: number, answer?: OciError, kind?: RequestKind): Promise<void> {
    for (let i = 0; i < count; i++) await ask(answer, kind).catch(() => undefined);
  }

  describe('how many at the same time', () => {
    it('lets no more in than the window is wide, in the order of their coming', async () => {
      start({ window: { start: 2, most: 2 } });
      const doors = [0, 1, 2].map(() => Promise.withResolvers<void>());
      const entered: number[] = [];
      const requests = doors.map(({ promise }, i) =>
        manners.send({ kind: 'read', operation: 'o' }, () => {
          entered.push(i);
          return promise;
        }),
      );
      await new Promise(setImmediate);
      expect(entered).toEqual([0, 1]);
      doors[1]!.resolve();
      await requests[1];
      await new Promise(setImmediate);
      expect(entered).toEqual([0, 1, 2]);
      doors.forEach(({ resolve }) => resolve());
      await Promise.all(requests);
    });

    it('widens by one for each window of answers, up to its limit', async () => {
      start({ window: { start: 2, most: 4 } });
      await askTimes(3);
      expect(manners.width.read).toBe(3);
      await askTimes(100);
      expect(manners.width).toEqual({ read: 4, write: 2 });
    });

    it('halves at a 429, once for those that come together', async () => {
      start({ window: { start: 16 } });
      await askTimes(5, failing('throttled'));
      expect(manners.width.read).toBe(8);
      await clock.wait(1000);
      await askTimes(1, failing('throttled'));
      expect(manners.width.read).toBe(4);
    });

    it('never closes altogether', async () => {
      for (let i = 0; i < 20; i++) {
        await askTimes(1, failing('throttled'));
        await clock.wait(1000);
      }
      expect(manners.width.read).toBe(1);
      expect(await ask()).toBe('answered');
    });

    it('lets whoever stops waiting go, and gives his place to nobody twice', async () => {
      start({ window: { start: 1, most: 1 } });
      const door = Promise.withResolvers<void>();
      const first = manners.send({ kind: 'read', operation: 'o' }, () => door.promise);
      const stop = new AbortController();
      const second = manners.send({ kind: 'read', operation: 'o', signal: stop.signal }, () =>
        Promise.resolve('never'),
      );
      stop.abort(new Error('enough'));
      await expect(second).rejects.toThrow('enough');
      door.resolve();
      await first;
      expect(await ask()).toBe('answered');
    });
  });

  describe('how many in a minute', () => {
    it.each<[RequestKind, number]>([
      ['read', 1000],
      ['write', 100],
      ['referrers', 250],
    ])('keeps %s requests below three quarters of the budget', async (kind, perMinute) => {
      start({ budgets: { read: 1000, write: 100, referrers: 250 } });
      let asked = 0;
      while (clock.now() < 60_000) {
        await ask('fine', kind);
        asked += 1;
      }
      expect(asked).toBeLessThanOrEqual(perMinute * 0.75 + 1);
      expect(asked).toBeGreaterThanOrEqual(perMinute * 0.75 - 1);
    });

    it('lets a burst through at once, as one image is', async () => {
      start({ budgets: { write: 100 } });
      await askTimes(25, undefined, 'write');
      expect(clock.waited).toEqual([]);
    });

    it('counts nothing where there is no budget', async () => {
      await askTimes(10_000);
      expect(clock.waited).toEqual([]);
    });
  });

  describe('a registry that asks to be left alone', () => {
    it('is asked by nobody until then', async () => {
      await askTimes(1, failing('throttled', 7000));
      expect(await ask()).toBe('answered');
      expect(clock.now()).toBe(7000);
    });

    it('is not asked at all where that is longer than our patience, and the caller is told how long', async () => {
      await askTimes(1, failing('throttled', 120_000));
      const exchange = jest.fn();
      await expect(manners.send({ kind: 'write', operation: 'o' }, exchange)).rejects.toMatchObject({
        code: 'throttled',
        retryable: true,
        retryAfterMs: 120_000,
      });
      expect(exchange).not.toHaveBeenCalled();
    });
  });

  describe('repetition', () => {
    it('waits as long as the registry says, whatever our own back-off', () => {
      const error = failing('registry-unavailable', 7000);
      expect(manners.retryAfter({ error, attempt: 1, repeatable: false })).toBe(7000);
    });

    it('backs off more from attempt to attempt, and ends', () => {
      const error = failing('registry-unavailable');
      const delays = [1, 2, 3, 4].map((attempt) => manners.retryAfter({ error, attempt, repeatable: true }));
      expect(delays).toEqual([200, 400, 800, undefined]);
    });

    it.each<[string, OciError, boolean]>([
      ['what may not be done twice', failing('registry-unavailable'), false],
      ['what will not pass', failing('access-refused'), true],
      ['what has taken long enough', failing('timed-out'), true],
      ['what has been repeated', failing('registry-unavailable').givenUp(), true],
    ])('leaves alone %s', (_, error, repeatable) => {
      expect(manners.retryAfter({ error, attempt: 1, repeatable })).toBeUndefined();
    });

    it('is a small part of all requests, however many fail', () => {
      const error = failing('registry-unavailable');
      const allowed = (): boolean =>
        manners.retryAfter({ error, attempt: 1, repeatable: true }) !== undefined;
      expect(Array.from({ length: 100 }, allowed).filter(Boolean)).toHaveLength(20);
    });

    it('is earned by requests', async () => {
      const error = failing('registry-unavailable');
      const allowed = (): boolean =>
        manners.retryAfter({ error, attempt: 1, repeatable: true }) !== undefined;
      while (allowed());
      await askTimes(10);
      expect([allowed(), allowed(), allowed()]).toEqual([true, true, false]);
    });
  });

  describe('a registry that is down', () => {
    beforeEach(() => askTimes(10, failing('registry-unavailable')));

    it('is left alone after ten failures in a row', async () => {
      await expect(ask()).rejects.toMatchObject({ code: 'registry-unavailable', retryAfterMs: 5000 });
    });

    it('is tried by one request after a rest, and used again when that succeeds', async () => {
      await clock.wait(5000);
      const door = Promise.withResolvers<string>();
      const probe = manners.send({ kind: 'read', operation: 'o' }, () => door.promise);
      await expect(ask()).rejects.toMatchObject({ code: 'registry-unavailable' });
      door.resolve('answered');
      await probe;
      expect(await ask()).toBe('answered');
    });

    it('rests twice as long each time that it still does not work', async () => {
      await clock.wait(5000);
      await askTimes(1, failing('timed-out'));
      await clock.wait(9_999);
      await expect(ask()).rejects.toMatchObject({ retryAfterMs: 1 });
      await clock.wait(1);
      expect(await ask()).toBe('answered');
    });

    it('does not count an answer that only says no', async () => {
      start();
      await askTimes(9, failing('registry-unavailable'));
      await askTimes(1, failing('not-found'));
      await askTimes(9, failing('registry-unavailable'));
      expect(await ask()).toBe('answered');
    });
  });
});
