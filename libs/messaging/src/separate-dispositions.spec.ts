import {
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import fc from 'fast-check';
import { examplePush } from '../test/example-events.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { separateDispositions } from './separate-dispositions.js';

const settlements = ['complete', 'abandon', 'dead-letter'] as const;
type Settlement = (typeof settlements)[number];

/** A message is settled like this, after so many turns of the event loop. */
interface Step {
  settlement: Settlement;
  turns: number;
}

const plans: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ settlement: fc.constantFrom(...settlements), turns: fc.constantFrom(0, 0, 0, 1, 2) }),
  { minLength: 2, maxLength: 12 },
);

describe('messaging/separate-dispositions', () => {
  let bus: Bus;
  let client: ServiceBusClient;
  let receiver: ServiceBusReceiver;

  beforeAll(async () => {
    bus = await startBus();
    client = new ServiceBusClient(bus.emulator.connectionString);
    receiver = client.createReceiver('registry-events', 'scan', { skipParsingBodyAsJson: true });
  });

  afterAll(async () => {
    await client.close();
    await bus.close();
  });

  async function take(count: number): Promise<ServiceBusReceivedMessage[]> {
    const messages: ServiceBusReceivedMessage[] = [];
    while (messages.length < count) {
      messages.push(...(await receiver.receiveMessages(count - messages.length)));
    }
    return messages;
  }

  function settle(message: ServiceBusReceivedMessage, settlement: Settlement): Promise<void> {
    if (settlement === 'complete') return receiver.completeMessage(message);
    if (settlement === 'abandon') return receiver.abandonMessage(message);
    return receiver.deadLetterMessage(message, {
      deadLetterReason: String(message.messageId),
      deadLetterErrorDescription: '',
    });
  }

  /** Takes everything away again. @returns what was there, and how it came to be there */
  async function emptied(): Promise<{ deadLetters: string[]; abandoned: string[] }> {
    const { active, deadLettered } = bus.emulator.subscriptionStats('registry-events', 'scan');
    const letters = client.createReceiver('registry-events', 'scan', {
      subQueueType: 'deadLetter',
      receiveMode: 'receiveAndDelete',
    });
    const deadLetters: string[] = [];
    while (deadLetters.length < deadLettered) {
      const batch = await letters.receiveMessages(deadLettered - deadLetters.length);
      deadLetters.push(...batch.map(({ deadLetterReason }) => String(deadLetterReason)));
    }
    await letters.close();
    const rest = await take(active);
    for (const message of rest) await receiver.completeMessage(message);
    return {
      deadLetters: deadLetters.sort(),
      abandoned: rest.map(({ messageId }) => String(messageId)).sort(),
    };
  }

  it('lets every settlement of a turn arrive as what it is, whatever is settled beside it', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        round += 1;
        await bus.events.publish(plan.map((_, index) => examplePush(`${round}-${index}`)));
        const messages = await take(plan.length);
        messages.forEach(separateDispositions);
        await Promise.all(
          plan.map(async ({ settlement, turns }, index) => {
            for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
            await settle(messages[index]!, settlement);
          }),
        );
        const idsOf = (wanted: Settlement): string[] =>
          messages
            .filter((_, index) => plan[index]?.settlement === wanted)
            .map(({ messageId }) => String(messageId))
            .sort();
        expect(await emptied()).toEqual({
          deadLetters: idsOf('dead-letter'),
          abandoned: idsOf('abandon'),
        });
      }),
      { numRuns: 40 },
    );
  });

  it('is still needed: the SDK alone completes a message that it was told to dead-letter', async () => {
    await bus.events.publish([examplePush('kept'), examplePush('lost')]);
    const fresh = client.createReceiver('registry-events', 'scan', { skipParsingBodyAsJson: true });
    const messages: ServiceBusReceivedMessage[] = [];
    while (messages.length < 2) messages.push(...(await fresh.receiveMessages(2 - messages.length)));
    await Promise.all([
      fresh.completeMessage(messages[0]!),
      fresh.deadLetterMessage(messages[1]!, { deadLetterReason: 'lost', deadLetterErrorDescription: '' }),
    ]);
    await fresh.close();
    expect(await emptied()).toEqual({ deadLetters: [], abandoned: [] });
  });

  it('refuses a message whose delivery it cannot see', () => {
    expect(() => separateDispositions({} as ServiceBusReceivedMessage)).toThrow('not known to keep');
  });
});
