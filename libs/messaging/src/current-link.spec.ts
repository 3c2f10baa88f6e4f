import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { EmulatorDecision, Interceptor } from '@pratique/emulators-azure-messaging';
import { examplePush } from '../test/example-events.js';
import { latch } from '../test/latch.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { SubscriptionReceiver } from './subscription-receiver.js';

/** Short, so that an answer that never comes is given up soon. */
const retry = { maxRetries: 3, timeoutMs: 1_000 };

describe('messaging/current-link, a settlement whose answer was lost', () => {
  let bus: Bus;
  let receiver: SubscriptionReceiver;
  const asked: string[] = [];

  /** A broker that does not answer completions as long as `isDeaf` says so, and two messages of it. */
  async function receiveFrom(isDeaf: (time: number) => boolean): Promise<ServiceBusReceivedMessage[]> {
    asked.length = 0;
    const intercept: Interceptor = ({ kind, outcome, messageIds = [] }): EmulatorDecision => {
      if (kind !== 'disposition' || outcome !== 'complete') return 'proceed';
      asked.push(messageIds.join());
      return isDeaf(asked.length) ? 'drop' : 'proceed';
    };
    bus = await startBus({ intercept, tuning: { retry } });
    const messages: ServiceBusReceivedMessage[] = [];
    const both = latch();
    receiver = new SubscriptionReceiver(bus.clients, {
      subscription: 'scan',
      capacity: 2,
      onMessage: async (message) => {
        messages.push(message);
        if (messages.length === 2) both.open();
      },
      onConnected: () => undefined,
      onError: () => undefined,
    });
    receiver.start();
    await bus.events.publish([examplePush('first'), examplePush('second')]);
    await both.opened;
    return messages;
  }

  function locked(): number {
    return bus.emulator.subscriptionStats('registry-events', 'scan').locked;
  }

  afterEach(async () => {
    await receiver.stop();
    await receiver.close();
    await bus.close();
  });

  it('is asked for again over another connection, and holds up no other settlement', async () => {
    const [first, second] = await receiveFrom((time) => time === 1);
    const firstDone = receiver.complete(first!);
    await receiver.complete(second!);
    expect(locked()).toBe(1);
    await firstDone;
    expect(locked()).toBe(0);
    // Over $management, where the broker is told of the lock and not of the message.
    expect(asked).toEqual([String(first!.messageId), String(second!.messageId), '']);
  });

  it('is given up when no connection brings an answer: the lock gives the message back', async () => {
    const [first] = await receiveFrom(() => true);
    await expect(receiver.complete(first!)).rejects.toMatchObject({ code: 'no-answer' });
    expect(locked()).toBe(2);
  });

  it('is not asked for again when the receiver has stopped', async () => {
    const [first] = await receiveFrom(() => true);
    await receiver.stop();
    await expect(receiver.complete(first!)).rejects.toMatchObject({ code: 'no-answer' });
    expect(asked).toHaveLength(1);
  });
});
