import type { EmulatorOptions } from '../index.js';
import { emulatorBench, receiveOne } from './emulator-bench.contract.js';

const topics = [{ name: 'orders', subscriptions: [{ name: 'all', lockDurationMs: 30_000, rules: [] }] }];

/** Access, management requests, and what the emulator does not have. */
export function describeManagement(storage: () => EmulatorOptions['storage']): void {
  describe('access and management', () => {
    const start = emulatorBench(storage);

    it('refuses a client whose key is wrong', async () => {
      const { serviceBus, emulator } = await start({ topics, sharedAccessKey: 'right' });
      const wrong = emulator.connectionString.replace('SharedAccessKey=right', 'SharedAccessKey=wrong');

      const sending = serviceBus(wrong).createSender('orders').sendMessages({ body: 1 });

      await expect(sending).rejects.toMatchObject({ code: 'UnauthorizedAccess' });
      expect(emulator.topicStats('orders').active).toBe(0);
    });

    it('refuses a client whose key has another name', async () => {
      const { serviceBus, emulator } = await start({ topics, sharedAccessKeyName: 'listen-only' });
      const wrong = emulator.connectionString.replace('listen-only', 'manage');

      await expect(serviceBus(wrong).createSender('orders').sendMessages({ body: 1 })).rejects.toMatchObject({
        code: 'UnauthorizedAccess',
      });
    });

    it('reports an entity that does not exist as missing', async () => {
      const { serviceBus } = await start({ topics });
      const client = serviceBus();
      const missing = { code: 'MessagingEntityNotFound' };

      await expect(client.createSender('nowhere').sendMessages({ body: 1 })).rejects.toMatchObject(missing);
      const receiver = client.createReceiver('orders', 'nobody');
      await expect(receiver.receiveMessages(1, { maxWaitTimeInMs: 100 })).rejects.toMatchObject(missing);
    });

    it('finds entities without regard to case', async () => {
      const { serviceBus, emulator } = await start({ topics });

      await serviceBus().createSender('ORDERS').sendMessages({ body: 1 });

      expect(emulator.subscriptionStats('Orders', 'ALL').active).toBe(1);
    });

    it('shows messages to a peek without locking them', async () => {
      const { serviceBus, emulator } = await start({ topics });
      const client = serviceBus();
      await client.createSender('orders').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
      const receiver = client.createReceiver('orders', 'all');
      const locked = await receiveOne(receiver);

      const first = await receiver.peekMessages(2);
      const rest = await receiver.peekMessages(5);

      expect([...first, ...rest].map(({ body }) => body as number)).toEqual([1, 2, 3]);
      expect(locked.body).toBe(1);
      expect(emulator.topicStats('orders')).toMatchObject({ active: 2, locked: 1 });
      expect(await receiver.peekMessages(5)).toEqual([]);
    });

    it('settles a message by management after the link over which it came was lost', async () => {
      const { serviceBus, emulator } = await start({ topics });
      const client = serviceBus();
      await client.createSender('orders').sendMessages([{ body: 1 }, { body: 2 }]);
      const receiver = client.createReceiver('orders', 'all');
      const [first, second] = [await receiveOne(receiver), await receiveOne(receiver)];

      // A receive that is under way ends when the client notices; before that it would settle on the dead link.
      const noticed = receiver.receiveMessages(1, { maxWaitTimeInMs: 3000 }).catch(() => []);
      emulator.dropConnections();
      expect(await noticed).toEqual([]);
      await receiver.completeMessage(first);
      await receiver.deadLetterMessage(second, { deadLetterReason: 'late', deadLetterErrorDescription: '' });

      expect(emulator.topicStats('orders')).toEqual({ active: 0, locked: 0, scheduled: 0, deadLettered: 1 });
    });

    it('says so when an operation is not implemented', async () => {
      const { serviceBus } = await start({ topics });
      const client = serviceBus();

      await expect(client.createRuleManager('orders', 'all').listRules().next()).rejects.toThrow(
        /does not implement the management operation 'com.microsoft:enumerate-rules'/,
      );
      await expect(client.acceptNextSession('orders', 'all')).rejects.toThrow(/does not implement sessions/);
    });
  });
}
