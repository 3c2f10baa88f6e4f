import type { INestApplication } from '@nestjs/common';
import { type Interceptor, ManualClock } from '@pratique/emulators-azure-messaging';
import { examplePush } from '../test/example-events.js';
import { recorder, untilAborted } from '../test/recorder.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { startConsumers } from '../test/start-consumers.js';
import { messagingSettingsFor } from './messaging.settings.js';
import { RetryLater } from './retry-later.js';

const nothing = { active: 0, locked: 0, scheduled: 0, deadLettered: 0 };

describe('messaging/message-worker', () => {
  let bus: Bus;
  let app: INestApplication;

  function scanStats() {
    return bus.emulator.subscriptionStats('registry-events', 'scan');
  }

  afterEach(async () => {
    await app.close();
    await bus.close();
  });

  it('sends one copy only, though it is cut off after the copy and before the completion', async () => {
    const clock = new ManualClock();
    const intercept = losingTheFirstCompletion(() => clock.advance(31_000));
    bus = await startBus({ clock, intercept, lockDurationMs: 30_000 });
    const scan = recorder(() => {
      if (scan.seen.length < 3) throw new RetryLater('busy', { retryAfterMs: 60_000 });
    });
    app = await startConsumers(bus.settings, { scan: scan.handle });
    await bus.events.publish(examplePush());
    await scan.calls(2);
    await until(() => scanStats().locked === 0);
    clock.advance(32_000);
    await scan.calls(3);
    await app.close();
    expect(scan.attempts()).toEqual([1, 2, 2]);
    expect(scanStats()).toEqual(nothing);
  });

  it('does not dead-letter while the outcome that tells of it cannot be published', async () => {
    bus = await startBus({
      tuning: { redelivery: { maxAttempts: 1 }, retry: { maxRetries: 0, timeoutMs: 200 } },
    });
    const { eventHubs } = messagingSettingsFor(bus.emulator.connectionString.replace(/:\d+;/, ':1;'));
    const scan = recorder(() => {
      throw new TypeError('a bug');
    });
    app = await startConsumers({ ...bus.settings, eventHubs }, { scan: scan.handle });
    await bus.events.publish(examplePush());
    await scan.calls(1);
    await app.close();
    expect(scanStats()).toEqual({ ...nothing, active: 1 });
  });

  it('tells the handler when the lock is lost, since another worker has the message then', async () => {
    const clock = new ManualClock();
    bus = await startBus({ clock, lockDurationMs: 1_000 });
    const scan = recorder(({ delivery }) =>
      delivery.attempt === 1 ? untilAborted(delivery.signal) : undefined,
    );
    app = await startConsumers(bus.settings, { scan: scan.handle });
    await bus.events.publish(examplePush());
    const [first] = await scan.calls(1);
    clock.advance(1_001);
    await expect(untilAborted(first!.delivery.signal)).rejects.toThrow('interrupted');
    await scan.calls(2);
    await app.close();
    expect(scan.attempts()).toEqual([1, 2]);
    expect(scanStats()).toEqual(nothing);
  });
});

/** The first completion never reaches the broker. */
function losingTheFirstCompletion(onLost: () => void): Interceptor {
  let completions = 0;
  return ({ kind, outcome }) => {
    if (kind !== 'disposition' || outcome !== 'complete') return 'proceed';
    completions += 1;
    if (completions > 1) return 'proceed';
    onLost();
    return 'drop';
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
