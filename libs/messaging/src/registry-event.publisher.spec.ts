import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { type RegistryEvent, registryEventsTopic } from '@pratique/contracts';
import { exampleApproval, examplePush } from '../test/example-events.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { encodeCloudEvent } from './cloud-event-codec.js';
import { MessagingClients } from './messaging-clients.js';
import { messagingSettingsFor } from './messaging.settings.js';
import { RegistryEventPublisher } from './registry-event.publisher.js';

describe('messaging/registry-event.publisher', () => {
  let bus: Bus;
  beforeEach(async () => {
    bus = await startBus();
  });
  afterEach(() => bus.close());

  async function received(count: number): Promise<ServiceBusReceivedMessage[]> {
    const receiver = bus.clients.serviceBus().createReceiver(registryEventsTopic, 'audit', {
      receiveMode: 'receiveAndDelete',
      skipParsingBodyAsJson: true,
    });
    const messages: ServiceBusReceivedMessage[] = [];
    while (messages.length < count) messages.push(...(await receiver.receiveMessages(count)));
    return messages;
  }

  function waiting(): number {
    return bus.emulator.subscriptionStats(registryEventsTopic, 'audit').active;
  }

  it('is on the wire what the codec says', async () => {
    const event = examplePush();
    await bus.events.publish(event);
    const [message] = await received(1);
    const { properties, ...encoded } = encodeCloudEvent(event);
    expect(message).toMatchObject({ ...encoded, applicationProperties: properties });
  });

  it('has the broker accept an event before it resolves, and several as one', async () => {
    await bus.events.publish(examplePush('one'));
    expect(waiting()).toBe(1);
    await bus.events.publish([examplePush('two'), exampleApproval('three')]);
    expect(waiting()).toBe(3);
    await bus.events.publish([]);
    expect(waiting()).toBe(3);
  });

  it('publishes an event once, however often it is told to', async () => {
    await bus.events.publish(examplePush());
    await bus.events.publish(examplePush());
    await bus.events.publish([examplePush(), examplePush('other')]);
    expect(waiting()).toBe(2);
  });

  it('refuses an event above 64 KiB, and sends nothing of what came with it', async () => {
    await expect(bus.events.publish([examplePush(), large()])).rejects.toMatchObject({ code: 'too-large' });
    expect(waiting()).toBe(0);
  });

  it('refuses more than one batch holds, and sends nothing', async () => {
    const many = Array.from({ length: 40 }, (_, index) => sized(String(index), 60_000));
    await expect(bus.events.publish(many)).rejects.toMatchObject({ code: 'too-large' });
    expect(waiting()).toBe(0);
  });

  describe('when much is published at the same time', () => {
    const sends: string[][] = [];

    beforeEach(async () => {
      await bus.close();
      sends.length = 0;
      bus = await startBus({
        intercept: ({ kind, messageIds = [] }) => {
          if (kind === 'send') sends.push(messageIds);
          return 'proceed';
        },
      });
    });

    it('shares batches, so many that the broker works on one while the next is made', async () => {
      const events = names(60).map((name) => examplePush(name));
      await Promise.all(events.map((event) => bus.events.publish(event)));
      expect(waiting()).toBe(60);
      expect(sends.flat()).toEqual(events.map(({ id }) => id));
      expect(sends.map(({ length }) => length)).toEqual([16, 16, 16, 12]);
    });

    it('does not divide what is little', async () => {
      const events = names(16).map((name) => examplePush(name));
      await Promise.all(events.map((event) => bus.events.publish(event)));
      expect(sends).toEqual([events.map(({ id }) => id)]);
    });

    it('gathers while earlier ones are under way, and has few batches there', async () => {
      const events = names(300).map((name) => examplePush(name));
      await Promise.all(
        events.map(async (event, index) => {
          for (let turn = 0; turn < index; turn += 1) await Promise.resolve();
          await bus.events.publish(event);
        }),
      );
      expect(sends.flat().toSorted()).toEqual(events.map(({ id }) => id).toSorted());
      expect(Math.max(...sends.map(({ length }) => length))).toBeLessThanOrEqual(200);
      expect(sends.length).toBeLessThan(20);
    });

    it('never tears apart what one call has published', async () => {
      const calls = names(4).map((call) => names(10).map((name) => sized(`${call}-${name}`, 60_000)));
      await Promise.all(calls.map((events) => bus.events.publish(events)));
      expect(waiting()).toBe(40);
      for (const events of calls) {
        const ids = events.map(({ id }) => id);
        expect(sends.filter((send) => send.some((id) => ids.includes(id)))).toHaveLength(1);
      }
    });

    it('lets what is too large fail alone', async () => {
      const tooMuch = names(40).map((name) => sized(name, 60_000));
      const results = await Promise.allSettled([
        bus.events.publish(examplePush('before')),
        bus.events.publish(tooMuch),
        bus.events.publish(large()),
        bus.events.publish(examplePush('after')),
      ]);
      const code = 'too-large';
      expect(results).toMatchObject([
        { status: 'fulfilled' },
        { status: 'rejected', reason: { code, message: expect.stringMatching(/^40 events do not fit/) } },
        { status: 'rejected', reason: { code } },
        { status: 'fulfilled' },
      ]);
      expect(waiting()).toBe(2);
    });

    it('refuses at once when too many wait for the broker already', async () => {
      const results = await Promise.allSettled(
        names(2_100).map((name) => bus.events.publish(examplePush(name))),
      );
      const refused = results.filter(({ status }) => status === 'rejected');
      expect(refused).toHaveLength(100);
      expect(refused[0]).toMatchObject({ reason: { code: 'not-published' } });
      expect(waiting()).toBe(2_000);
    });
  });

  it('says that an event was not published when the broker is away, and never the key', async () => {
    const away = bus.emulator.connectionString.replace(/:\d+;/, ':1;');
    const retry = { maxRetries: 0, timeoutMs: 500 };
    const clients = new MessagingClients(messagingSettingsFor(away, { retry }));
    const error: unknown = await new RegistryEventPublisher(clients)
      .publish(examplePush())
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'not-published', message: expect.stringContaining('ECONNREFUSED') });
    expect((error as Error).message).not.toContain('SAS_KEY_VALUE');
    await clients.close();
  });

  it('refuses to publish once the clients are closed', async () => {
    await bus.clients.close();
    await expect(bus.events.publish(examplePush())).rejects.toMatchObject({ code: 'closed' });
  });
});

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n${index}`);
}

function large(): RegistryEvent {
  return sized('large', 70_000);
}

/** Larger than any contract allows: only the publisher's own limits are in the way. */
function sized(name: string, length: number): RegistryEvent {
  const event = examplePush(name);
  return { ...event, data: { ...event.data, actor: 'x'.repeat(length) } };
}
