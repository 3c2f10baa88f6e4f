import { Logger } from '@nestjs/common';
import { RegistryName } from '@pratique/contracts';
import type { RunOptions } from './reconcile.js';
import { ReconcileSchedule } from './reconcile-schedule.js';
import { newSummary } from './reconcile-summary.js';

const settings = { schedule: 'on', everyMinutes: 60, atStart: true } as const;
const hourMs = 60 * 60 * 1000;

describe('sync/reconcile/reconcile-schedule', () => {
  let runs: RunOptions[];
  let answer: () => Promise<ReturnType<typeof newSummary>>;
  const reconcile = {
    run: (options: RunOptions) => {
      runs.push(options);
      return answer();
    },
  };

  beforeEach(() => {
    Logger.overrideLogger(false);
    jest.useFakeTimers();
    runs = [];
    answer = () => Promise.resolve(newSummary());
  });

  afterEach(() => jest.useRealTimers());

  it('runs at start and about every hour, with the same name for all workers in one hour', async () => {
    const [one, two] = [
      new ReconcileSchedule(reconcile, settings),
      new ReconcileSchedule(reconcile, settings),
    ];
    one.onApplicationBootstrap();
    two.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(0);
    expect(runs).toHaveLength(2);
    expect(runs[0]?.run).toBe(runs[1]?.run);

    await jest.advanceTimersByTimeAsync(1.1 * hourMs);

    expect(runs).toHaveLength(4);
    expect(runs[3]?.run).not.toBe(runs[0]?.run);
    await Promise.all([one.beforeApplicationShutdown(), two.beforeApplicationShutdown()]);
  });

  it('does nothing by itself where the schedule is off, but what it is asked for', async () => {
    const schedule = new ReconcileSchedule(reconcile, { ...settings, schedule: 'off' });
    schedule.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(3 * hourMs);
    expect(runs).toEqual([]);

    await schedule.request('registry-restarted', RegistryName.parse('vendor'));

    expect(runs).toMatchObject([{ registry: 'vendor' }]);
  });

  it('runs one at a time, and goes on after one that failed', async () => {
    const schedule = new ReconcileSchedule(reconcile, settings);
    const first = Promise.withResolvers<ReturnType<typeof newSummary>>();
    answer = () => first.promise;
    const one = schedule.request('schedule');
    const two = schedule.request('schedule');
    await jest.advanceTimersByTimeAsync(0);
    expect(runs).toHaveLength(1);

    answer = () => Promise.resolve(newSummary());
    first.reject(new Error('the broker is away'));
    await Promise.all([one, two]);

    expect(runs).toHaveLength(2);
  });

  it('stops what runs when the service stops, and begins nothing more', async () => {
    const schedule = new ReconcileSchedule(reconcile, settings);
    const running = Promise.withResolvers<ReturnType<typeof newSummary>>();
    answer = () => {
      runs.at(-1)?.signal.addEventListener('abort', () => running.reject(new Error('stopped')));
      return running.promise;
    };
    schedule.onApplicationBootstrap();
    void schedule.request('schedule');
    await jest.advanceTimersByTimeAsync(0);

    await schedule.beforeApplicationShutdown();
    await jest.advanceTimersByTimeAsync(3 * hourMs);

    expect(runs).toHaveLength(1);
    expect(runs[0]?.signal.aborted).toBe(true);
  });
});
