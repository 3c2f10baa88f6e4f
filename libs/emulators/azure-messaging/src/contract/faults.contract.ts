import { earliestEventPosition } from '@azure/event-hubs';

import type { EmulatorDecision, EmulatorMoment, EmulatorOptions } from '../index.js';
import { emulatorBench, receiveOne } from './emulator-bench.contract.js';

const topics = [{ name: 'orders', subscriptions: [{ name: 'all', lockDurationMs: 30_000, rules: [] }] }];

/** Drops the first moment of a kind, and tells what it saw. */
function dropFirst(kind: EmulatorMoment['kind']) {
  const seen: EmulatorMoment[] = [];
  let report: () => void = () => undefined;
  const dropped = new Promise<void>((resolve) => (report = resolve));
  const intercept = (moment: EmulatorMoment): EmulatorDecision => {
    seen.push(moment);
    if (moment.kind !== kind || seen.filter((other) => other.kind === kind).length > 1) return 'proceed';
    report();
    return 'drop';
  };
  return { seen, dropped, intercept };
}

/** The door for tests of faults. */
export function describeFaults(storage: () => EmulatorOptions['storage']): void {
  describe('interceptor', () => {
    const start = emulatorBench(storage);

    it('keeps a dropped send from ever being applied or answered', async () => {
      const { intercept, dropped, seen } = dropFirst('send');
      const { serviceBus, dyingServiceBus, emulator } = await start({ topics, intercept });
      const sending = dyingServiceBus().createSender('orders').sendMessages({ body: 1, messageId: 'm' });
      const unanswered = expect(sending).rejects.toMatchObject({
        code: expect.stringMatching(/Timeout/) as string,
      });

      await dropped;
      await serviceBus().createSender('orders').sendMessages({ body: 2, messageId: 'n' });

      expect(seen).toEqual([
        { kind: 'send', entity: 'orders', messageIds: ['m'] },
        { kind: 'send', entity: 'orders', messageIds: ['n'] },
      ]);
      expect(emulator.topicStats('orders').active).toBe(1);
      await unanswered;
    });

    it('keeps a dropped settlement from being applied, so that the message comes again', async () => {
      const { intercept, dropped, seen } = dropFirst('disposition');
      const { serviceBus, dyingServiceBus, clock } = await start({ topics, intercept });
      await serviceBus().createSender('orders').sendMessages({ body: 1, messageId: 'm' });
      const dying = dyingServiceBus().createReceiver('orders', 'all');
      const message = await receiveOne(dying);

      const unanswered = expect(dying.completeMessage(message)).rejects.toMatchObject({
        code: expect.stringMatching(/Timeout/) as string,
      });
      await dropped;
      clock.advance(30_000);

      const again = await receiveOne(serviceBus().createReceiver('orders', 'all'));
      expect(again).toMatchObject({ body: 1, deliveryCount: 1 });
      expect(seen).toContainEqual({
        kind: 'disposition',
        entity: 'orders/Subscriptions/all',
        outcome: 'complete',
        messageIds: ['m'],
      });
      await unanswered;
    });

    it('leaves a dropped delivery locked until its lock expires', async () => {
      const { intercept, dropped, seen } = dropFirst('deliver');
      const { serviceBus, clock, emulator } = await start({ topics, intercept });
      await serviceBus().createSender('orders').sendMessages({ body: 1, messageId: 'm' });
      const dying = serviceBus().createReceiver('orders', 'all');
      const waiting = dying.receiveMessages(1, { maxWaitTimeInMs: 3000 });

      await dropped;
      expect(emulator.topicStats('orders')).toMatchObject({ active: 0, locked: 1 });
      clock.advance(30_000);

      const [again] = await waiting;
      expect(again).toMatchObject({ body: 1, deliveryCount: 1 });
      expect(seen).toContainEqual({ kind: 'deliver', entity: 'orders/Subscriptions/all', messageIds: ['m'] });
    });

    it('keeps dropped events out of the event hub', async () => {
      const { intercept, dropped } = dropFirst('event-hub-send');
      const { producer, dyingProducer, consumer } = await start({
        eventHubs: [{ name: 'hub', partitions: 1 }],
        intercept,
      });
      const unanswered = expect(dyingProducer('hub').sendBatch([{ body: 'lost' }])).rejects.toMatchObject({
        code: expect.stringMatching(/Timeout/) as string,
      });

      await dropped;
      await producer('hub').sendBatch([{ body: 'kept' }]);
      const first = await new Promise<unknown>((resolve, reject) => {
        consumer('hub').subscribe(
          '0',
          {
            processEvents: ([event]) => {
              if (event !== undefined) resolve(event.body);
              return Promise.resolve();
            },
            processError: (error) => {
              reject(error);
              return Promise.resolve();
            },
          },
          { startPosition: earliestEventPosition },
        );
      });

      expect(first).toBe('kept');
      await unanswered;
    });

    it('applies the sends of one sender in their order, however long each decision takes', async () => {
      const decisions: ((decision: EmulatorDecision) => void)[] = [];
      let arrived: () => void = () => undefined;
      const bothArrived = new Promise<void>((resolve) => (arrived = resolve));
      const intercept = async ({ kind }: EmulatorMoment): Promise<EmulatorDecision> => {
        if (kind !== 'send') return 'proceed';
        return await new Promise<EmulatorDecision>((resolve) => {
          if (decisions.push(resolve) === 2) arrived();
        });
      };
      const { serviceBus } = await start({ topics, intercept });
      const client = serviceBus();
      const sender = client.createSender('orders');
      const sending = [sender.sendMessages({ body: 1 }), sender.sendMessages({ body: 2 })];

      await bothArrived;
      for (const decide of decisions.reverse()) decide('proceed');
      await Promise.all(sending);

      expect((await receiveOne(client.createReceiver('orders', 'all'))).body).toBe(1);
    });
  });
}
