import {
  earliestEventPosition,
  type EventHubConsumerClient,
  type EventPosition,
  latestEventPosition,
  type ReceivedEventData,
  type Subscription,
} from '@azure/event-hubs';

import type { EmulatorOptions } from '../index.js';
import { emulatorBench } from './emulator-bench.contract.js';

const eventHubs = [{ name: 'outcomes', partitions: 3, consumerGroups: ['audit'] }];

interface Reading {
  readonly events: ReceivedEventData[];
  /** Resolves when so many events have come. */
  until(count: number): Promise<void>;
  /** Resolves with the first error. */
  readonly failure: Promise<Error>;
  readonly subscription: Subscription;
}

interface ReadingOptions {
  readonly partition?: string;
  readonly from?: EventPosition;
  readonly ownerLevel?: number;
  readonly maxBatchSize?: number;
}

/** Subscribes the real consumer and collects what it gets. */
function read(consumer: EventHubConsumerClient, options: ReadingOptions = {}): Reading {
  const { partition = '0', from = earliestEventPosition, ownerLevel, maxBatchSize = 100 } = options;
  const events: ReceivedEventData[] = [];
  const arrivals = new EventTarget();
  let fail: (error: Error) => void = () => undefined;
  const failure = new Promise<Error>((resolve) => (fail = resolve));
  const subscription = consumer.subscribe(
    partition,
    {
      processEvents: (batch) => {
        events.push(...batch);
        arrivals.dispatchEvent(new Event('events'));
        return Promise.resolve();
      },
      processError: (error) => {
        fail(error);
        return Promise.resolve();
      },
    },
    {
      startPosition: from,
      maxBatchSize,
      maxWaitTimeInSeconds: 0.05,
      ...(ownerLevel !== undefined && { ownerLevel }),
    },
  );
  const until = async (count: number): Promise<void> => {
    while (events.length < count) {
      await new Promise((resolve) => arrivals.addEventListener('events', resolve, { once: true }));
    }
  };
  return { events, until, failure, subscription };
}

function bodies({ events }: Reading): unknown[] {
  return events.map(({ body }) => body as unknown);
}

/** What the Event Hubs clients can rely on. */
export function describeEventHubs(storage: () => EmulatorOptions['storage']): void {
  describe('event hubs', () => {
    const start = emulatorBench(storage);

    it('delivers the events of a partition in order, with their numbers and properties', async () => {
      const { producer, consumer, clock } = await start({ eventHubs });
      await producer('outcomes').sendBatch(
        [
          {
            body: { n: 1 },
            messageId: 'm1',
            correlationId: 'c',
            contentType: 'application/json',
            properties: { a: 'x' },
          },
          { body: { n: 2 } },
        ],
        { partitionId: '1' },
      );

      const reading = read(consumer('outcomes'), { partition: '1' });
      await reading.until(2);

      expect(reading.events[0]).toMatchObject({
        body: { n: 1 },
        messageId: 'm1',
        correlationId: 'c',
        contentType: 'application/json',
        properties: { a: 'x' },
        sequenceNumber: 0,
        offset: '0',
        enqueuedTimeUtc: new Date(clock.now()),
      });
      expect(reading.events[1]).toMatchObject({ body: { n: 2 }, sequenceNumber: 1 });
    });

    it('lets every consumer group read everything', async () => {
      const { producer, consumer } = await start({ eventHubs });
      await producer('outcomes').sendBatch([{ body: 1 }], { partitionId: '0' });

      const readings = [read(consumer('outcomes')), read(consumer('outcomes', 'audit'))];
      await Promise.all(readings.map(async (reading) => await reading.until(1)));

      expect(readings.map(bodies)).toEqual([[1], [1]]);
    });

    it('puts events with one key into one partition, and shows the key', async () => {
      const { producer, consumer, emulator } = await start({ eventHubs });
      const client = producer('outcomes');
      for (let body = 0; body < 4; body += 1) await client.sendBatch([{ body }], { partitionKey: 'image-7' });

      const { partitions } = emulator.eventHubStats('outcomes');
      const [used] = partitions.filter(({ events }) => events > 0);
      expect(used?.events).toBe(4);
      const reading = read(consumer('outcomes'), { partition: used?.id ?? '' });
      await reading.until(4);

      expect(reading.events.map(({ partitionKey }) => partitionKey)).toEqual(Array(4).fill('image-7'));
    });

    it('spreads events without a key over all partitions', async () => {
      const { producer, emulator } = await start({ eventHubs });
      const client = producer('outcomes');

      for (let body = 0; body < 6; body += 1) await client.sendBatch([{ body }]);

      expect(emulator.eventHubStats('outcomes').partitions.map(({ events }) => events)).toEqual([2, 2, 2]);
    });

    it('starts reading where it is asked to', async () => {
      const { producer, consumer, clock } = await start({ eventHubs });
      const client = producer('outcomes');
      for (let body = 0; body < 4; body += 1) {
        await client.sendBatch([{ body }], { partitionId: '0' });
        clock.advance(1000);
      }
      const all = read(consumer('outcomes'));
      await all.until(4);
      const second = all.events[1];
      if (second === undefined) throw new Error('Four events came.');

      const positions: [EventPosition, number[]][] = [
        [{ offset: second.offset }, [2, 3]],
        [{ offset: second.offset, isInclusive: true }, [1, 2, 3]],
        [{ sequenceNumber: 1 }, [2, 3]],
        [{ sequenceNumber: 1, isInclusive: true }, [1, 2, 3]],
        [{ enqueuedOn: second.enqueuedTimeUtc.getTime() }, [2, 3]],
        [{ enqueuedOn: second.enqueuedTimeUtc.getTime() - 1 }, [1, 2, 3]],
      ];
      for (const [from, expected] of positions) {
        const reading = read(consumer('outcomes', 'audit'), { from });
        await reading.until(expected.length);
        await reading.subscription.close();
        expect(bodies(reading)).toEqual(expected);
      }
    });

    it('gives a reader from the end only what comes later', async () => {
      const { producer, consumer } = await start({ eventHubs });
      const client = producer('outcomes');
      await client.sendBatch([{ body: 'before' }], { partitionId: '0' });
      const opened = read(consumer('outcomes', 'audit'));
      const reading = read(consumer('outcomes'), { from: latestEventPosition });
      await opened.until(1);

      // The link from the end opens at its own time: events are sent until one of them arrives.
      let sent = 0;
      while (reading.events.length === 0) {
        sent += 1;
        await client.sendBatch([{ body: sent }], { partitionId: '0' });
      }

      expect(bodies(reading)).not.toContain('before');
    });

    it('lets a receiver with a higher owner level take the partition, and refuses a lower one', async () => {
      const { producer, consumer } = await start({ eventHubs });
      await producer('outcomes').sendBatch([{ body: 1 }], { partitionId: '0' });
      const low = read(consumer('outcomes'), { ownerLevel: 1 });
      await low.until(1);

      const high = read(consumer('outcomes'), { ownerLevel: 2 });
      expect(await low.failure).toMatchObject({ code: 'ReceiverDisconnectedError' });
      await high.until(1);

      const late = read(consumer('outcomes'), { ownerLevel: 1 });
      expect(await late.failure).toMatchObject({ code: 'ReceiverDisconnectedError' });
      expect(bodies(high)).toEqual([1]);
    });

    it('shares the partitions between load-balanced consumers', async () => {
      const { producer, consumer } = await start({ eventHubs });
      const client = producer('outcomes');
      for (const partitionId of ['0', '1', '2'])
        await client.sendBatch([{ body: partitionId }], { partitionId });
      const seen = new Set<string>();
      let done: () => void = () => undefined;
      const complete = new Promise<void>((resolve) => (done = resolve));

      consumer('outcomes').subscribe(
        {
          processEvents: (events, { partitionId }) => {
            for (const { body } of events) if (body === partitionId) seen.add(partitionId);
            if (seen.size === 3) done();
            return Promise.resolve();
          },
          processError: (error) => Promise.reject(error),
        },
        { startPosition: earliestEventPosition, maxWaitTimeInSeconds: 0.05 },
      );

      await complete;
      expect([...seen].sort()).toEqual(['0', '1', '2']);
    });

    it('answers what a hub and a partition are', async () => {
      const { producer, clock } = await start({ eventHubs });
      const client = producer('outcomes');
      await client.sendBatch([{ body: 1 }, { body: 2 }], { partitionId: '2' });

      expect(await client.getEventHubProperties()).toMatchObject({
        name: 'outcomes',
        partitionIds: ['0', '1', '2'],
      });
      expect(await client.getPartitionProperties('2')).toMatchObject({
        partitionId: '2',
        beginningSequenceNumber: 0,
        lastEnqueuedSequenceNumber: 1,
        lastEnqueuedOnUtc: new Date(clock.now()),
        isEmpty: false,
      });
      expect(await client.getPartitionProperties('0')).toMatchObject({
        isEmpty: true,
        lastEnqueuedSequenceNumber: -1,
      });
    });

    it('reports hubs, partitions and consumer groups that do not exist', async () => {
      const { producer, consumer } = await start({ eventHubs });

      await expect(producer('nowhere').sendBatch([{ body: 1 }])).rejects.toMatchObject({
        code: 'MessagingEntityNotFoundError',
      });
      await expect(producer('outcomes').getPartitionProperties('9')).rejects.toMatchObject({
        code: 'ArgumentOutOfRangeError',
      });
      expect(await read(consumer('outcomes', 'nobody')).failure).toMatchObject({
        code: 'MessagingEntityNotFoundError',
      });
    });

    it('sends a reader all of a long partition, in order, whatever credit the client gives', async () => {
      const { producer, consumer } = await start({ eventHubs });
      const client = producer('outcomes');
      for (let round = 0; round < 5; round += 1) {
        const events = Array.from({ length: 1000 }, (_, index) => ({ body: round * 1000 + index }));
        await client.sendBatch(events, { partitionId: '0' });
      }

      const reading = read(consumer('outcomes'), { maxBatchSize: 3000 });
      await reading.until(5000);

      expect(
        reading.events.every(({ body, sequenceNumber }, index) => body === index && sequenceNumber === index),
      ).toBe(true);
    });
  });
}
