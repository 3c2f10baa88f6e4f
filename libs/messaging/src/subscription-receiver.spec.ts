import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { ManualClock } from '@pratique/emulators-azure-messaging';
import { examplePush } from '../test/example-events.js';
import { latch } from '../test/latch.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { SubscriptionReceiver } from './subscription-receiver.js';

describe('messaging/subscription-receiver', () => {
  let bus: Bus;
  let receiver: SubscriptionReceiver;

  /** Publishes, and takes what arrives out of the SDK's hands without settling it. */
  async function received(count: number): Promise<ServiceBusReceivedMessage[]> {
    const messages: ServiceBusReceivedMessage[] = [];
    const all = latch();
    receiver = new SubscriptionReceiver(bus.clients, {
      subscription: 'scan',
      capacity: count,
      onMessage: async (message) => {
        messages.push(message);
        if (messages.length === count) all.open();
      },
      onConnected: () => undefined,
      onError: () => undefined,
    });
    receiver.start();
    await bus.events.publish(Array.from({ length: count }, (_, index) => examplePush(String(index))));
    await all.opened;
    await receiver.stop();
    return messages;
  }

  afterEach(async () => {
    await receiver.close();
    await bus.close();
  });

  it('holds every settlement that is asked for in the same turn, though they differ', async () => {
    bus = await startBus();
    const messages = await received(6);
    await Promise.all(
      messages.map((message, index) =>
        index % 2 === 0
          ? receiver.complete(message)
          : receiver.deadLetter(message, { reason: `reason ${index}`, description: '' }),
      ),
    );
    expect(bus.emulator.subscriptionStats('registry-events', 'scan')).toMatchObject({
      locked: 0,
      deadLettered: 3,
    });
    const letters = await bus.deadLetters('scan', 3);
    expect(letters.map(({ messageId, deadLetterReason }) => [messageId, deadLetterReason])).toEqual(
      [1, 3, 5].map((index) => [messages[index]?.messageId, `reason ${index}`]),
    );
  });

  it('keeps a lock that is asked to be kept, for as long as another message takes to arrive', async () => {
    bus = await startBus({ lockDurationMs: 1_000 });
    const [message] = await received(1);
    const lost = jest.fn();
    const release = receiver.keepLock(message!, lost);
    // The broker is the clock: this one is due when the lock would have ended twice over.
    const dueLater = new Date(Date.now() + 2_200);
    await bus.sendRaw({
      body: '',
      messageId: 'later',
      scheduledEnqueueTimeUtc: dueLater,
      applicationProperties: { cloudEvents_type: 'io.pratique.image.cleared.v1' },
    });
    await arrival(bus, 'promotion', 'later');
    await receiver.complete(message!);
    release();
    expect(lost).not.toHaveBeenCalled();
  });

  it('says so when the lock is lost', async () => {
    const clock = new ManualClock();
    bus = await startBus({ lockDurationMs: 1_000, clock });
    const [message] = await received(1);
    const lost = Promise.withResolvers<unknown>();
    receiver.keepLock(message!, lost.resolve);
    clock.advance(1_001);
    await expect(lost.promise).resolves.toMatchObject({ code: 'MessageLockLost' });
  });
});

async function arrival(bus: Bus, subscription: string, messageId: string): Promise<void> {
  const receiver = bus.clients.serviceBus().createReceiver('registry-events', subscription);
  for (let arrived = false; !arrived;) {
    const [message] = await receiver.receiveMessages(1);
    arrived = message?.messageId === messageId;
  }
  await receiver.close();
}
