import type { ServiceBusReceivedMessage } from '@azure/service-bus';

import type { EmulatorOptions } from '../index.js';
import { type Bench, emulatorBench, receiveOne } from './emulator-bench.contract.js';

const LOCK_MS = 30_000;
const topics = [
  {
    name: 'orders',
    subscriptions: [{ name: 'work', lockDurationMs: LOCK_MS, maxDeliveryCount: 3, rules: [] }],
  },
];

/** What the Service Bus client can rely on between receiving a message and being rid of it. */
export function describeSettling(storage: () => EmulatorOptions['storage']): void {
  describe('settling', () => {
    const start = emulatorBench(storage);

    async function withOneMessage() {
      const bench = await start({ topics });
      const client = bench.serviceBus();
      await client
        .createSender('orders')
        .sendMessages({ body: 'x', messageId: 'm', applicationProperties: { a: 1 } });
      const receiver = client.createReceiver('orders', 'work');
      return { ...bench, client, receiver, message: await receiveOne(receiver) };
    }

    function stats({ emulator }: Pick<Bench, 'emulator'>) {
      return emulator.subscriptionStats('orders', 'work');
    }

    it('removes a completed message', async () => {
      const { receiver, message, emulator } = await withOneMessage();

      await receiver.completeMessage(message);

      expect(stats({ emulator })).toEqual({ active: 0, locked: 0, scheduled: 0, deadLettered: 0 });
    });

    it('gives an abandoned message back at once, counts the delivery and keeps the properties that were set', async () => {
      const { receiver, message } = await withOneMessage();

      await receiver.abandonMessage(message, { attempt: 'first', a: 2 });
      const again = await receiveOne(receiver);

      expect(again).toMatchObject({ deliveryCount: 1, applicationProperties: { a: 2, attempt: 'first' } });
      expect(again.sequenceNumber).toEqual(message.sequenceNumber);
    });

    it('moves a dead-lettered message, with its reason, to a sub-queue that can be read and settled', async () => {
      const { receiver, message, client, emulator } = await withOneMessage();

      const why = {
        deadLetterReason: 'contract-violation',
        deadLetterErrorDescription: 'no digest',
        hint: 'h',
      };
      await receiver.deadLetterMessage(message, why);
      expect(stats({ emulator })).toMatchObject({ active: 0, locked: 0, deadLettered: 1 });
      const deadLetters = client.createReceiver('orders', 'work', { subQueueType: 'deadLetter' });
      const dead = await receiveOne(deadLetters);

      expect(dead).toMatchObject({
        body: 'x',
        messageId: 'm',
        deadLetterReason: 'contract-violation',
        deadLetterErrorDescription: 'no digest',
        deadLetterSource: 'orders/Subscriptions/work',
        applicationProperties: { a: 1, hint: 'h' },
      });
      await deadLetters.completeMessage(dead);
      expect(stats({ emulator }).deadLettered).toBe(0);
    });

    it('makes a message available again when its lock expires, as one more delivery', async () => {
      const { receiver, message, clock } = await withOneMessage();

      clock.advance(LOCK_MS);
      const again = await receiveOne(receiver);

      expect(again.deliveryCount).toBe(1);
      expect(again.lockToken).not.toBe(message.lockToken);
    });

    it('refuses to settle or renew a message whose lock has expired', async () => {
      const { receiver, message, clock, emulator } = await withOneMessage();

      clock.advance(LOCK_MS);

      const lost = { code: 'MessageLockLost' };
      await expect(receiver.completeMessage(message)).rejects.toMatchObject(lost);
      await expect(receiver.renewMessageLock(message)).rejects.toMatchObject(lost);
      expect(stats({ emulator })).toMatchObject({ active: 1, locked: 0 });
    });

    it('lets a renewed lock last its whole duration again', async () => {
      const { receiver, message, clock, emulator } = await withOneMessage();

      clock.advance(LOCK_MS - 1);
      const until = await receiver.renewMessageLock(message);
      expect(until.getTime()).toBe(clock.now() + LOCK_MS);
      clock.advance(LOCK_MS - 1);
      expect(stats({ emulator })).toMatchObject({ active: 0, locked: 1 });

      await receiver.completeMessage(message);
      expect(stats({ emulator })).toMatchObject({ active: 0, locked: 0 });
    });

    it('dead-letters a message that failed as often as allowed', async () => {
      const { receiver, message, client, emulator } = await withOneMessage();

      let next: ServiceBusReceivedMessage = message;
      await receiver.abandonMessage(next);
      next = await receiveOne(receiver);
      await receiver.abandonMessage(next);
      next = await receiveOne(receiver);
      await receiver.abandonMessage(next);

      expect(stats({ emulator })).toMatchObject({ active: 0, deadLettered: 1 });
      const dead = await receiveOne(client.createReceiver('orders', 'work', { subQueueType: 'deadLetter' }));
      expect(dead).toMatchObject({ deadLetterReason: 'MaxDeliveryCountExceeded', deliveryCount: 3 });
    });

    it('keeps the lock of a receiver that is gone until it expires', async () => {
      const { receiver, serviceBus, clock, emulator } = await withOneMessage();

      await receiver.close();
      expect(stats({ emulator })).toMatchObject({ active: 0, locked: 1 });
      clock.advance(LOCK_MS);

      const again = await receiveOne(serviceBus().createReceiver('orders', 'work'));
      expect(again.deliveryCount).toBe(1);
    });

    it('answers each of several settlements of one turn by its own result', async () => {
      const { clock, client, receiver, message: lost, emulator } = await withOneMessage();
      clock.advance(LOCK_MS - 1);
      await client.createSender('orders').sendMessages({ body: 2 });
      const kept = await receiveOne(receiver);
      clock.advance(1);

      const results = await Promise.allSettled([
        receiver.completeMessage(lost),
        receiver.completeMessage(kept),
      ]);

      expect(results).toMatchObject([
        { status: 'rejected', reason: { code: 'MessageLockLost' } },
        { status: 'fulfilled' },
      ]);
      expect(stats({ emulator })).toMatchObject({ active: 1, locked: 0 });
    });

    it('keeps the connection of a receiver that closes while its settlement is under way', async () => {
      const { receiver, message, client } = await withOneMessage();

      const settling = receiver.completeMessage(message).catch(() => undefined);
      await receiver.close();
      await client.createSender('orders').sendMessages({ body: 'after' });
      await settling;

      expect((await receiveOne(client.createReceiver('orders', 'work'))).body).toBe('after');
    });

    it('says that deferring is not implemented and leaves the message locked', async () => {
      const { receiver, message, emulator } = await withOneMessage();

      await expect(receiver.deferMessage(message)).rejects.toThrow(/does not implement deferring/);

      expect(stats({ emulator })).toMatchObject({ locked: 1 });
    });
  });
}
