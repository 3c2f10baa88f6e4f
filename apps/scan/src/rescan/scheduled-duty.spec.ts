import { Logger } from '@nestjs/common';
import { ScheduledDuty } from './scheduled-duty.js';

const hour = 3_600_000;

describe('scan/rescan/scheduled-duty', () => {
  const ran: number[] = [];
  let duty: ScheduledDuty;
  let failure: Error | undefined;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  beforeEach(() => {
    jest.useFakeTimers({ now: new Date('2026-11-25T10:20:00Z') });
    ran.length = 0;
    failure = undefined;
  });

  afterEach(async () => {
    await duty.stop();
    jest.useRealTimers();
  });

  function start(everyMs: number): void {
    const run = (interval: number): Promise<void> => {
      ran.push(interval);
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    };
    duty = new ScheduledDuty({ name: 'test', everyMs, run });
    duty.start();
  }

  it('runs at the start of every interval, which all workers count alike', async () => {
    start(hour);

    await jest.advanceTimersByTimeAsync(40 * 60_000 - 1);
    expect(ran).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    await jest.advanceTimersByTimeAsync(2 * hour);

    const first = Date.parse('2026-11-25T11:00:00Z') / hour;
    expect(ran).toEqual([first, first + 1, first + 2]);
  });

  it('goes on after a run that failed', async () => {
    failure = new Error('the registry is away');
    start(hour);

    await jest.advanceTimersByTimeAsync(2 * hour);

    expect(ran).toHaveLength(2);
  });

  it('waits longer than a timer can', async () => {
    start(60 * 24 * hour);

    await jest.advanceTimersByTimeAsync(59 * 24 * hour);

    expect(ran).toHaveLength(1);
  });

  it('does nothing more when it is stopped', async () => {
    start(hour);
    await duty.stop();

    await jest.advanceTimersByTimeAsync(3 * hour);

    expect(ran).toEqual([]);
  });
});
