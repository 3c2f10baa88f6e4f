import type { INestApplication } from '@nestjs/common';
import { type Interceptor, ManualClock } from '@pratique/emulators-azure-messaging';
import { examplePush } from '../test/example-events.js';
import { type HalfOpenProxy, startHalfOpenProxy } from '../test/half-open-proxy.js';
import { latch } from '../test/latch.js';
import { recorder } from '../test/recorder.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { consumerOf, createApp } from '../test/start-consumers.js';
import { connectSubscriptions } from './connect-subscriptions.js';
import type { MessagingSettings } from './messaging.settings.js';
import { messagingSettingsFor } from './messaging.settings.js';
import { RegistryEventPublisher } from './registry-event.publisher.js';

const nothing = { active: 0, locked: 0, scheduled: 0, deadLettered: 0 };
const watchdog = { everyMs: 20, timeoutMs: 500 };

describe('messaging/subscription-receiver.watchdog', () => {
  let bus: Bus;
  let proxy: HalfOpenProxy | undefined;
  let app: INestApplication | undefined;

  afterEach(async () => {
    await app?.close();
    await proxy?.close();
    await bus.close();
    app = proxy = undefined;
  });

  function statsOfScan() {
    return bus.emulator.subscriptionStats('registry-events', 'scan');
  }

  /** Consumes `scan`, and tells of every time that it is connected. */
  async function consume(settings: MessagingSettings, handle: ReturnType<typeof recorder>['handle']) {
    app = await createApp(settings, [consumerOf('scan', handle)]);
    const [server] = connectSubscriptions(app, ['scan']);
    const connected: number[] = [];
    let check = (): void => undefined;
    server!.status.subscribe((status) => {
      if (status !== 'connected') return;
      connected.push(connected.length);
      check();
    });
    await app.startAllMicroservices();
    return {
      connectedTimes: (times: number) =>
        new Promise<void>((resolve) => {
          check = () => (connected.length >= times ? resolve() : undefined);
          check();
        }),
    };
  }

  async function throughProxy(): Promise<{ settings: MessagingSettings; proxy: HalfOpenProxy }> {
    bus = await startBus();
    const started = await startHalfOpenProxy(bus.emulator.port);
    proxy = started;
    const connectionString = bus.emulator.connectionString.replace(/:\d+;/, `:${started.port};`);
    const { retry, redelivery } = bus.settings;
    return {
      proxy: started,
      settings: messagingSettingsFor(connectionString, {
        retry,
        redelivery,
        watchdog,
        shutdownDeadlineMs: 500,
      }),
    };
  }

  it('connects anew when its connection is half-open, and gets what has come meanwhile', async () => {
    const { settings, proxy } = await throughProxy();
    const scan = recorder();
    await consume(settings, scan.handle);
    await bus.events.publish(examplePush('before'));
    await scan.calls(1);
    await until(() => statsOfScan().locked === 0);
    proxy.goHalfOpen();
    await bus.events.publish(examplePush('after'));
    const [, second] = await scan.calls(2);
    expect(second?.event.id).toBe(examplePush('after').id);
    expect(proxy.connections()).toBeGreaterThan(1);
    expect(proxy.open()).toBe(1);
  });

  it('settles on the new connection what it was given on the one that is half-open', async () => {
    const { settings, proxy } = await throughProxy();
    const work = latch();
    const scan = recorder(({ event }) =>
      event.data.repository === 'samples/slow' ? work.opened : undefined,
    );
    await consume(settings, scan.handle);
    await bus.events.publish(examplePush('slow'));
    await scan.calls(1);
    proxy.goHalfOpen();
    await bus.events.publish(examplePush('after'));
    await scan.calls(2);
    work.open();
    await app?.close();
    expect(scan.seen.map(({ delivery }) => delivery.attempt)).toEqual([1, 1]);
    expect(statsOfScan()).toEqual(nothing);
  });

  it('goes on trying while new connections are not answered either', async () => {
    const { settings, proxy } = await throughProxy();
    const scan = recorder();
    const { connectedTimes } = await consume(settings, scan.handle);
    await connectedTimes(1);
    proxy.refuseToAnswer(true);
    proxy.goHalfOpen();
    await until(() => proxy.connections() >= 3);
    proxy.refuseToAnswer(false);
    await bus.events.publish(examplePush());
    await scan.calls(1);
  });

  it('publishes over a new connection after the one that is half-open', async () => {
    const { settings, proxy } = await throughProxy();
    settings.retry = { ...settings.retry, maxRetries: 0, timeoutMs: 1_000 };
    await consume(settings, () => undefined);
    const publisher = app!.get(RegistryEventPublisher);
    await publisher.publish(examplePush('before'));
    proxy.goHalfOpen();
    await publisher.publish(examplePush('after'));
    expect(bus.emulator.subscriptionStats('registry-events', 'audit').active).toBe(2);
  });

  it('replaces a link over which nothing comes though messages wait', async () => {
    const clock = new ManualClock();
    const { intercept, lost } = losingTheFirstDelivery();
    bus = await startBus({ clock, intercept, tuning: { watchdog, concurrency: 1 } });
    const scan = recorder();
    const { connectedTimes } = await consume(bus.settings, scan.handle);
    await connectedTimes(1);
    await bus.events.publish([examplePush('lost'), examplePush('waiting')]);
    await lost;
    // To the broker the link has had its one message; to the receiver it has had none.
    const [first] = await scan.calls(1);
    expect(first?.event.id).toBe(examplePush('waiting').id);
    clock.advance(61_000);
    const [, second] = await scan.calls(2);
    expect(second?.event.id).toBe(examplePush('lost').id);
  });
});

/** The first delivery never reaches its receiver. */
function losingTheFirstDelivery(): { intercept: Interceptor; lost: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let deliveries = 0;
  return {
    lost: promise,
    intercept: ({ kind, entity }) => {
      if (kind !== 'deliver' || !entity.includes('scan')) return 'proceed';
      deliveries += 1;
      if (deliveries > 1) return 'proceed';
      resolve();
      return 'drop';
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
