import type { EmulatorOptions } from '../index.js';
import { emulatorBench, receive, receiveOne } from './emulator-bench.contract.js';

const everything = { name: 'everything', rules: [] };

/** What the Service Bus client can rely on when it sends to topics and receives from subscriptions. */
export function describeTopics(storage: () => EmulatorOptions['storage']): void {
  describe('topics and subscriptions', () => {
    const start = emulatorBench(storage);

    it('delivers body, properties and broker properties of a message as they were sent', async () => {
      const { serviceBus } = await start({ topics: [{ name: 'orders', subscriptions: [everything] }] });
      const client = serviceBus();
      const sent = {
        body: { amount: 3, lines: ['a', 'b'] },
        messageId: 'order-1',
        correlationId: 'chain-1',
        subject: 'placed',
        contentType: 'application/json',
        to: 'billing',
        replyTo: 'replies',
        sessionId: 'customer-7',
        partitionKey: 'customer-7',
        timeToLive: 3_600_000,
        applicationProperties: { region: 'eu', count: 42, share: 0.5, urgent: true },
      };

      await client.createSender('orders').sendMessages(sent);
      const message = await receiveOne(client.createReceiver('orders', 'everything'));

      expect(message).toMatchObject(sent);
      expect(message).toMatchObject({ deliveryCount: 0, state: 'active' });
      expect(message.lockToken).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('gives every subscription its own copy with its own sequence numbers', async () => {
      const subscriptions = [everything, { name: 'second', rules: [{ name: 'only-b', sql: "name = 'b'" }] }];
      const { serviceBus } = await start({ topics: [{ name: 'orders', subscriptions }] });
      const client = serviceBus();

      await client.createSender('orders').sendMessages([
        { body: 'a', applicationProperties: { name: 'a' } },
        { body: 'b', applicationProperties: { name: 'b' } },
      ]);
      const all = await receive(client.createReceiver('orders', 'everything'), 2);
      const second = await receive(client.createReceiver('orders', 'second'), 1);

      expect(all.map(({ body, sequenceNumber }) => [body as string, String(sequenceNumber)])).toEqual([
        ['a', '1'],
        ['b', '2'],
      ]);
      expect(second.map(({ body, sequenceNumber }) => [body as string, String(sequenceNumber)])).toEqual([
        ['b', '1'],
      ]);
      expect(String(second[0]?.enqueuedSequenceNumber)).toBe('2');
    });

    it('puts a message into the subscriptions whose rules take it, and only there', async () => {
      const subscriptions = [
        {
          name: 'sql',
          rules: [{ name: 'r', sql: "cloudEvents_type LIKE 'io.pratique.image.%' AND sys.Label = 'x'" }],
        },
        {
          name: 'correlation',
          rules: [{ name: 'r', correlation: { subject: 'x', cloudEvents_source: 'vendor' } }],
        },
        {
          name: 'either',
          rules: [
            { name: 'a', sql: 'size > 10' },
            { name: 'b', correlation: { messageId: 'm' } },
          ],
        },
        { name: 'nothing', rules: [{ name: 'r', sql: '1 = 0' }] },
      ];
      const { serviceBus, emulator } = await start({ topics: [{ name: 'events', subscriptions }] });

      await serviceBus()
        .createSender('events')
        .sendMessages({
          body: '',
          messageId: 'm',
          subject: 'x',
          applicationProperties: {
            cloudEvents_type: 'io.pratique.image.pushed.v1',
            cloudEvents_source: 'vendor',
          },
        });

      const active = (name: string): number => emulator.subscriptionStats('events', name).active;
      expect(subscriptions.map(({ name }) => active(name))).toEqual([1, 1, 1, 0]);
    });

    it('accepts a batch whole, in its order', async () => {
      const { serviceBus } = await start({ topics: [{ name: 'orders', subscriptions: [everything] }] });
      const client = serviceBus();
      const sender = client.createSender('orders');
      const batch = await sender.createMessageBatch();
      for (let index = 0; index < 500; index += 1) batch.tryAddMessage({ body: index });

      await sender.sendMessages(batch);
      const received = await receive(client.createReceiver('orders', 'everything'), 500);

      expect(received.map(({ body }) => body as number)).toEqual(
        Array.from({ length: 500 }, (_, index) => index),
      );
    });

    it('carries messages that need several frames in both directions', async () => {
      const { serviceBus } = await start({ topics: [{ name: 'orders', subscriptions: [everything] }] });
      const client = serviceBus();
      const body = 'x'.repeat(700_000);

      await client.createSender('orders').sendMessages({ body });
      const message = await receiveOne(client.createReceiver('orders', 'everything'));

      expect(message.body).toBe(body);
    });

    it('refuses a message that is larger than 1 MiB', async () => {
      const { serviceBus, emulator } = await start({
        topics: [{ name: 'orders', subscriptions: [everything] }],
      });
      const sender = serviceBus().createSender('orders');

      await expect(sender.sendMessages({ body: 'x'.repeat(1_100_000) })).rejects.toMatchObject({
        code: 'MessageSizeExceeded',
      });

      expect(emulator.topicStats('orders').active).toBe(0);
    });

    it('gives a message without an id one, the same in every copy', async () => {
      const subscriptions = [everything, { name: 'second', rules: [] }];
      const { serviceBus } = await start({ topics: [{ name: 'orders', subscriptions }] });
      const client = serviceBus();

      await client.createSender('orders').sendMessages({ body: 'x', correlationId: 'c' });
      const first = await receiveOne(client.createReceiver('orders', 'everything'));
      const second = await receiveOne(client.createReceiver('orders', 'second'));

      expect(first.messageId).toMatch(/^[0-9a-f-]{36}$/);
      expect(second.messageId).toBe(first.messageId);
      expect(first.correlationId).toBe('c');
    });

    it('works the same through a plain queue', async () => {
      const { serviceBus, emulator } = await start({ queues: [{ name: 'team/work' }] });
      const client = serviceBus();

      await client.createSender('team/work').sendMessages({ body: 1 });
      const receiver = client.createReceiver('team/work');
      await receiver.completeMessage(await receiveOne(receiver));

      expect(emulator.topicStats('team/work')).toMatchObject({ active: 0, locked: 0 });
    });

    it('answers an empty receive when its time is over', async () => {
      const { serviceBus } = await start({ topics: [{ name: 'orders', subscriptions: [everything] }] });
      const receiver = serviceBus().createReceiver('orders', 'everything');

      expect(await receiver.receiveMessages(5, { maxWaitTimeInMs: 20 })).toEqual([]);
      expect(await receiver.receiveMessages(5, { maxWaitTimeInMs: 20 })).toEqual([]);
    });

    it('loses no message to receives that end while it arrives', async () => {
      const { serviceBus, emulator } = await start({
        topics: [{ name: 'orders', subscriptions: [everything] }],
      });
      const client = serviceBus();
      const sender = client.createSender('orders');
      const receiver = client.createReceiver('orders', 'everything');
      const bodies: number[] = [];
      const rounds = 40;

      const sending = (async () => {
        for (let body = 0; body < rounds; body += 1) await sender.sendMessages({ body });
      })();
      while (bodies.length < rounds) {
        for (const message of await receiver.receiveMessages(3, { maxWaitTimeInMs: 2 })) {
          bodies.push(message.body as number);
          await receiver.completeMessage(message);
        }
      }
      await sending;

      expect(bodies).toEqual(Array.from({ length: rounds }, (_, index) => index));
      expect(emulator.topicStats('orders')).toEqual({ active: 0, locked: 0, scheduled: 0, deadLettered: 0 });
    });

    it('shares the messages of one subscription between its receivers', async () => {
      const { serviceBus } = await start({ topics: [{ name: 'orders', subscriptions: [everything] }] });
      const client = serviceBus();
      const receivers = [
        client.createReceiver('orders', 'everything'),
        client.createReceiver('orders', 'everything'),
      ];
      const waiting = receivers.map((receiver) => receive(receiver, 5));

      await client.createSender('orders').sendMessages(Array.from({ length: 10 }, (_, body) => ({ body })));
      const received = (await Promise.all(waiting)).flat().map(({ body }) => body as number);

      expect(received.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    it('removes a message as it hands it over in receive-and-delete mode', async () => {
      const { serviceBus, emulator } = await start({
        topics: [{ name: 'orders', subscriptions: [everything] }],
      });
      const client = serviceBus();
      await client.createSender('orders').sendMessages({ body: 1 });

      const receiver = client.createReceiver('orders', 'everything', { receiveMode: 'receiveAndDelete' });
      expect((await receiveOne(receiver)).body).toBe(1);

      expect(emulator.topicStats('orders')).toMatchObject({ active: 0, locked: 0 });
    });

    it('drops a message whose time to live is over', async () => {
      const { serviceBus, emulator, clock } = await start({
        topics: [{ name: 'orders', subscriptions: [everything] }],
      });
      const client = serviceBus();
      await client
        .createSender('orders')
        .sendMessages([{ body: 'short', timeToLive: 1000 }, { body: 'long' }]);

      clock.advance(1001);
      const message = await receiveOne(client.createReceiver('orders', 'everything'));

      expect(message.body).toBe('long');
      expect(emulator.topicStats('orders')).toMatchObject({ active: 0, locked: 1 });
    });
  });
}
