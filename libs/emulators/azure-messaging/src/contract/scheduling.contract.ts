import type { EmulatorOptions } from '../index.js';
import { emulatorBench, receiveOne } from './emulator-bench.contract.js';

const WINDOW_MS = 600_000;
const topics = [
  {
    name: 'orders',
    duplicateDetectionWindowMs: WINDOW_MS,
    subscriptions: [
      { name: 'all', rules: [] },
      { name: 'eu', rules: [{ name: 'eu', correlation: { region: 'eu' } }] },
    ],
  },
];

/** Scheduled messages and the detection of repeated ones. */
export function describeScheduling(storage: () => EmulatorOptions['storage']): void {
  describe('scheduled and repeated messages', () => {
    const start = emulatorBench(storage);

    it('holds a message back that is sent with a time, until that time', async () => {
      const { serviceBus, emulator, clock } = await start({ topics });
      const client = serviceBus();
      const dueAt = new Date(clock.now() + 5000);

      await client.createSender('orders').sendMessages({ body: 'later', scheduledEnqueueTimeUtc: dueAt });
      clock.advance(4999);
      expect(emulator.topicStats('orders')).toMatchObject({ active: 0, scheduled: 1 });
      expect(emulator.subscriptionStats('orders', 'eu').scheduled).toBe(0);
      clock.advance(1);

      const message = await receiveOne(client.createReceiver('orders', 'all'));
      expect(message.body).toBe('later');
      expect(message.enqueuedTimeUtc).toEqual(dueAt);
      expect(emulator.topicStats('orders')).toMatchObject({ scheduled: 0 });
    });

    it('holds messages back that are scheduled by management, and releases them by their rules', async () => {
      const { serviceBus, emulator, clock } = await start({ topics });
      const sender = serviceBus().createSender('orders');
      const messages = [{ body: 1, applicationProperties: { region: 'eu' } }, { body: 2 }];

      const sequences = await sender.scheduleMessages(messages, new Date(clock.now() + 1000));
      expect(new Set(sequences.map(String)).size).toBe(2);
      expect(emulator.subscriptionStats('orders', 'eu')).toMatchObject({ active: 0, scheduled: 1 });
      clock.advance(1000);

      expect(emulator.subscriptionStats('orders', 'all').active).toBe(2);
      expect(emulator.subscriptionStats('orders', 'eu').active).toBe(1);
    });

    it('forgets a scheduled message that is cancelled', async () => {
      const { serviceBus, emulator, clock } = await start({ topics });
      const sender = serviceBus().createSender('orders');
      const [first, second] = await sender.scheduleMessages(
        [{ body: 1 }, { body: 2 }],
        new Date(clock.now() + 1000),
      );
      if (first === undefined || second === undefined) throw new Error('Two messages were scheduled.');

      await sender.cancelScheduledMessages(first);
      clock.advance(1000);

      expect(emulator.subscriptionStats('orders', 'all').active).toBe(1);
      await expect(sender.cancelScheduledMessages(second)).rejects.toMatchObject({ code: 'MessageNotFound' });
    });

    it('drops a message whose id was accepted within the window, and tells its sender that it was accepted', async () => {
      const { serviceBus, emulator, clock } = await start({ topics });
      const sender = serviceBus().createSender('orders');

      await sender.sendMessages({ body: 1, messageId: 'same' });
      clock.advance(WINDOW_MS - 1);
      await sender.sendMessages([
        { body: 2, messageId: 'same' },
        { body: 3, messageId: 'other' },
      ]);

      expect(emulator.subscriptionStats('orders', 'all').active).toBe(2);
    });

    it('takes a repeated message again after the window', async () => {
      const { serviceBus, emulator, clock } = await start({ topics });
      const sender = serviceBus().createSender('orders');

      await sender.sendMessages({ body: 1, messageId: 'same' });
      clock.advance(WINDOW_MS);
      await sender.sendMessages({ body: 2, messageId: 'same' });

      expect(emulator.subscriptionStats('orders', 'all').active).toBe(2);
    });
  });
}
