import { randomUUID } from 'node:crypto';

import { EventHubConsumerClient, EventHubProducerClient, type ReceivedEventData } from '@azure/event-hubs';
import {
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';

import { receiveOne } from './emulator-bench.contract.js';

/**
 * A namespace that may be real. The topic `conformance` has duplicate detection, the subscription `all` without rules and the
 * subscription `eu` with the SQL rule `region = 'eu'`; the event hub `conformance-events` has two partitions or more.
 */
export interface NamespaceUnderTest {
  readonly serviceBus: string;
  readonly eventHubs: string;
}

export const CONFORMANCE = 'conformance';
/** A name of its own: the emulator is one namespace for both, and finds topics first. */
export const CONFORMANCE_EVENTS = 'conformance-events';
const retryOptions = { maxRetries: 1, timeoutInMs: 20_000 };
const LONG_ENOUGH_MS = 20_000;

/** What the unchanged clients can rely on, here and in Azure: nothing looks inside, nothing moves the time. */
export function describeNamespace(namespace: () => NamespaceUnderTest): void {
  describe('a namespace', () => {
    const open: { close(): Promise<unknown> }[] = [];
    let client: ServiceBusClient;

    function keep<T extends { close(): Promise<unknown> }>(closable: T): T {
      open.push(closable);
      return closable;
    }

    function receiver(subscription = 'all'): ServiceBusReceiver {
      return client.createReceiver(CONFORMANCE, subscription);
    }

    /** Sends one message and receives it; others, of earlier runs, are removed on the way. */
    async function exchange(
      from: ServiceBusReceiver,
      properties: Record<string, string> = {},
    ): Promise<ServiceBusReceivedMessage> {
      const messageId = randomUUID();
      const message = { body: 'x', messageId, subject: 's', applicationProperties: properties };
      await client.createSender(CONFORMANCE).sendMessages(message);
      return await receiveId(from, messageId);
    }

    async function receiveId(from: ServiceBusReceiver, id: string): Promise<ServiceBusReceivedMessage> {
      for (;;) {
        const message = await receiveOne(from);
        if (message.messageId === id) return message;
        await from.completeMessage(message);
      }
    }

    beforeEach(() => {
      client = keep(new ServiceBusClient(namespace().serviceBus, { retryOptions }));
    });

    afterEach(async () => {
      for (const closable of open.splice(0).reverse()) await closable.close();
    });

    it('delivers a message with its body, properties and numbers, locked', async () => {
      const from = receiver();
      const message = await exchange(from, { a: 'b' });

      expect(message).toMatchObject({
        body: 'x',
        subject: 's',
        deliveryCount: 0,
        applicationProperties: { a: 'b' },
      });
      expect(message.lockToken).toMatch(/^[0-9a-f-]{36}$/);
      expect(message.lockedUntilUtc?.getTime()).toBeGreaterThan(
        message.enqueuedTimeUtc?.getTime() ?? Infinity,
      );
      await from.completeMessage(message);
    });

    it('refuses to settle a message that is settled already over another link', async () => {
      const from = receiver();
      const message = await exchange(from);
      await from.completeMessage(message);

      await expect(from.renewMessageLock(message)).rejects.toMatchObject({ code: 'MessageLockLost' });
    });

    it('gives an abandoned message back, counts the delivery and keeps the properties that were set', async () => {
      const from = receiver();
      const message = await exchange(from);
      await from.abandonMessage(message, { tried: 'once' });

      const again = await receiveId(from, String(message.messageId));

      expect(again).toMatchObject({ deliveryCount: 1, applicationProperties: { tried: 'once' } });
      expect(again.sequenceNumber).toEqual(message.sequenceNumber);
      await from.completeMessage(again);
    });

    it('moves a dead-lettered message with its reason to the sub-queue', async () => {
      const from = receiver();
      const message = await exchange(from);
      await from.deadLetterMessage(message, {
        deadLetterReason: 'bad',
        deadLetterErrorDescription: 'no digest',
      });

      const letters = client.createReceiver(CONFORMANCE, 'all', { subQueueType: 'deadLetter' });
      const letter = await receiveId(letters, String(message.messageId));

      expect(letter).toMatchObject({ deadLetterReason: 'bad', deadLetterErrorDescription: 'no digest' });
      await letters.completeMessage(letter);
    });

    it('lets a renewed lock end later', async () => {
      const from = receiver();
      const message = await exchange(from);
      const before = message.lockedUntilUtc?.getTime() ?? 0;

      expect((await from.renewMessageLock(message)).getTime()).toBeGreaterThanOrEqual(before);
      await from.completeMessage(message);
    });

    it('drops a message whose id it has seen, and says that it took it', async () => {
      const from = receiver();
      const message = await exchange(from);
      const last = { body: 'last', messageId: randomUUID() };
      await client
        .createSender(CONFORMANCE)
        .sendMessages({ body: 'again', messageId: String(message.messageId) });
      await client.createSender(CONFORMANCE).sendMessages(last);
      await from.completeMessage(message);

      const next = await receiveOne(from);

      expect(next.messageId).toBe(last.messageId);
      await from.completeMessage(next);
    });

    it('puts a message into a subscription only when its rule takes it', async () => {
      const from = receiver('eu');
      const sender = client.createSender(CONFORMANCE);
      const other = randomUUID();
      await sender.sendMessages({ body: 'us', messageId: other, applicationProperties: { region: 'us' } });
      const seen: unknown[] = [];
      const wanted = randomUUID();
      await sender.sendMessages({ body: 'eu', messageId: wanted, applicationProperties: { region: 'eu' } });
      for (let id: unknown; id !== wanted;) {
        const message = await receiveOne(from);
        seen.push((id = message.messageId));
        await from.completeMessage(message);
      }

      expect(seen).not.toContain(other);
    });

    it('delivers a scheduled message in its time, and never one that was cancelled', async () => {
      const from = receiver();
      const sender = client.createSender(CONFORMANCE);
      const [cancelled, due] = [randomUUID(), randomUUID()];
      const soon = new Date(Date.now() + 1000);
      const numbers = await sender.scheduleMessages({ body: 1, messageId: cancelled }, soon);
      await sender.scheduleMessages({ body: 2, messageId: due }, soon);
      await sender.cancelScheduledMessages(numbers);

      const seen: unknown[] = [];
      for (let id: unknown; id !== due;) {
        const message = await receiveOne(from);
        seen.push((id = message.messageId));
        await from.completeMessage(message);
      }

      expect(seen).not.toContain(cancelled);
    });

    it('shows messages without locking them', async () => {
      const from = receiver();
      const message = await exchange(from);

      const shown = await from.peekMessages(10, {
        ...(message.sequenceNumber !== undefined && { fromSequenceNumber: message.sequenceNumber }),
      });

      expect(shown[0]?.messageId).toBe(message.messageId);
      await from.completeMessage(message);
    });

    it('names an entity that does not exist, and a key that is wrong', async () => {
      const missing = client.createSender(`missing-${randomUUID()}`).sendMessages({ body: 1 });
      await expect(missing).rejects.toMatchObject({ code: 'MessagingEntityNotFound' });
      const wrongKey = namespace().serviceBus.replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=d3Jvbmc=');
      const stranger = keep(
        new ServiceBusClient(wrongKey, { retryOptions: { maxRetries: 0, timeoutInMs: 20_000 } }),
      );

      await expect(stranger.createSender(CONFORMANCE).sendMessages({ body: 1 })).rejects.toMatchObject({
        code: 'UnauthorizedAccess',
      });
    });

    it(
      'keeps the events of one key together and in order, with growing numbers',
      async () => {
        const producer = keep(
          new EventHubProducerClient(namespace().eventHubs, CONFORMANCE_EVENTS, { retryOptions }),
        );
        const consumer = keep(
          new EventHubConsumerClient('$Default', namespace().eventHubs, CONFORMANCE_EVENTS, { retryOptions }),
        );
        const run = randomUUID();
        const partitionIds = await consumer.getPartitionIds();
        const begun = new Date(Date.now() - 60_000);
        for (const number of [1, 2, 3])
          await producer.sendBatch([{ body: { run, number } }], { partitionKey: run });

        const events: (ReceivedEventData & { partition: string })[] = [];
        await new Promise<void>((resolve, reject) => {
          for (const partitionId of partitionIds) {
            const startPosition = { enqueuedOn: begun };
            keep(
              consumer.subscribe(
                partitionId,
                {
                  processEvents: async (batch) => {
                    for (const event of batch) {
                      if ((event.body as { run?: string }).run !== run) continue;
                      events.push({ ...event, partition: partitionId });
                    }
                    if (events.length === 3) resolve();
                  },
                  processError: async (error) => reject(error),
                },
                { startPosition },
              ),
            );
          }
        });

        expect(events.map(({ body }) => (body as { number: number }).number)).toEqual([1, 2, 3]);
        expect(new Set(events.map(({ partition }) => partition)).size).toBe(1);
        const numbers = events.map(({ sequenceNumber }) => sequenceNumber);
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      },
      LONG_ENOUGH_MS,
    );
  });
}
