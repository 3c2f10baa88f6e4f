import { Logger } from '@nestjs/common';
import type { Outcome } from '@pratique/contracts';
import { ReportRefusal } from './report-refusal.js';

const refused = {
  reason: 'not-authenticated',
  registry: 'vendor',
  explanation: 'the header authorization does not hold the secret',
  at: new Date('2026-03-04T08:15:30.123Z'),
} as const;

describe('ingress/report-refusal', () => {
  beforeEach(() => {
    Logger.overrideLogger(false);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('counts a report that did not arrive with the next one', async () => {
    const arrived: Outcome[] = [];
    let away = true;
    const refusals = new ReportRefusal({
      publish: (outcome) => {
        if (away) return Promise.reject(new Error('away'));
        arrived.push(outcome);
        return Promise.resolve();
      },
    });

    refusals.report(refused);
    await refusals.beforeApplicationShutdown();
    away = false;
    refusals.report(refused);
    await refusals.beforeApplicationShutdown();

    expect(arrived).toEqual([
      expect.objectContaining({
        subject: 'ingress',
        data: expect.objectContaining({ details: { registry: 'vendor', suppressed: 1 } }) as unknown,
      }),
    ]);
  });

  it('does not wait for a hub that never answers when the service stops', async () => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
    const refusals = new ReportRefusal({ publish: () => new Promise(() => undefined) });
    refusals.report(refused);

    const stopped = refusals.beforeApplicationShutdown();
    await jest.advanceTimersByTimeAsync(1_000);

    await expect(stopped).resolves.toBeUndefined();
  });
});
