import type { EventData } from '@azure/event-hubs';
import { exampleOutcome } from '../test/example-events.js';
import { latch } from '../test/latch.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { type CheckpointStore, inMemoryCheckpointStore } from './checkpoint-store.js';
import { encodeCloudEvent } from './cloud-event-codec.js';
import type { OutcomeBatch } from './outcome-batch.js';
import { OutcomeReader } from './outcome-reader.js';

describe('messaging/outcome-reader', () => {
  let bus: Bus;
  let checkpoints: CheckpointStore;
  const readers: OutcomeReader[] = [];

  beforeEach(async () => {
    bus = await startBus();
    checkpoints = inMemoryCheckpointStore();
  });
  afterEach(async () => {
    await Promise.all(readers.splice(0).map((reader) => reader.close()));
    await bus.close();
  });

  /** Reads, and gives what the handler has dealt with. */
  function read(handle: (batch: OutcomeBatch, signal: AbortSignal) => Promise<void> = async () => undefined) {
    const dealtWith: OutcomeBatch[] = [];
    let check = (): void => undefined;
    const reader = new OutcomeReader(bus.clients, {
      consumerGroup: 'audit',
      checkpoints,
      takeOver: { checkEveryMs: 50, afterMs: 300 },
      handle: async (batch, signal) => {
        await handle(batch, signal);
        dealtWith.push(batch);
        check();
      },
    });
    readers.push(reader);
    reader.start();
    const messages = () =>
      dealtWith.flatMap(({ outcomes }) => outcomes.map(({ outcome }) => outcome.data.message));
    return {
      reader,
      dealtWith,
      messages,
      until: (condition: () => boolean): Promise<void> =>
        new Promise((resolve) => {
          check = () => {
            if (condition()) resolve();
          };
          check();
        }),
    };
  }

  it('reads every outcome with its place in the stream, those of one subject in order', async () => {
    const outcomes = ['first', 'second', 'third'].map((message) => exampleOutcome('app', message));
    for (const outcome of outcomes) await bus.outcomes.publish(outcome);
    const { dealtWith, messages, until } = read();
    await until(() => messages().length === 3);
    expect(messages()).toEqual(['first', 'second', 'third']);
    const entries = dealtWith.flatMap(({ outcomes }) => outcomes);
    expect(new Set(entries.map(({ partition }) => partition)).size).toBe(1);
    expect(entries.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1, 2]);
    expect(entries[0]).toMatchObject({
      outcome: outcomes[0],
      offset: expect.any(String),
      enqueuedAt: expect.any(Date),
    });
  });

  it('goes on after a restart where it was, and reads nothing twice', async () => {
    await bus.outcomes.publish(exampleOutcome('app', 'before'));
    const first = read();
    await first.until(() => first.messages().length === 1);
    await first.reader.close();
    await bus.outcomes.publish(exampleOutcome('app', 'after'));
    const second = read();
    await second.until(() => second.messages().length > 0);
    expect(second.messages()).toEqual(['after']);
  });

  it('gives the same outcomes again after a failure, and never goes past them', async () => {
    let failures = 0;
    for (const message of ['first', 'second']) await bus.outcomes.publish(exampleOutcome('app', message));
    const { messages, until } = read(async () => {
      failures += 1;
      if (failures === 1) throw new Error('the database is away');
    });
    await until(() => messages().length === 2);
    expect(failures).toBeGreaterThan(1);
    expect(messages()).toEqual(['first', 'second']);
  });

  it('keeps its place when it is closed before the handler was done', async () => {
    await bus.outcomes.publish(exampleOutcome('app', 'interrupted'));
    const started = latch();
    const first = read(async (_, signal) => {
      started.open();
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('interrupted')));
      });
    });
    await started.opened;
    await first.reader.close();
    const second = read();
    await second.until(() => second.messages().length === 1);
    expect(second.messages()).toEqual(['interrupted']);
  });

  it('takes over the partitions of a reader that died', async () => {
    const place = { fullyQualifiedNamespace: '127.0.0.1', eventHubName: 'outcomes', consumerGroup: 'audit' };
    const partitions = ['0', '1', '2', '3'];
    await checkpoints.claimOwnership(
      partitions.map((partitionId) => ({ ...place, partitionId, ownerId: 'a dead reader' })),
    );
    for (const name of 'abcdefgh') await bus.outcomes.publish(exampleOutcome(name));
    const { messages, until } = read();
    await until(() => messages().length === 8);
  });

  it('waits for the handler when it is closed, and remembers that it was done', async () => {
    await bus.outcomes.publish(exampleOutcome('app', 'slow'));
    const started = latch();
    const work = latch();
    const first = read(() => {
      started.open();
      return work.opened;
    });
    await started.opened;
    const closed = first.reader.close();
    work.open();
    await closed;
    const [checkpoint] = await checkpoints.listCheckpoints('127.0.0.1', 'outcomes', 'audit');
    expect(checkpoint).toMatchObject({ sequenceNumber: 0 });
  });

  it('hands over what is no outcome, beside the others and in its place', async () => {
    const { properties, ...message } = encodeCloudEvent(exampleOutcome());
    await sendRaw({ ...message, properties: { ...properties, cloudEvents_type: 'io.pratique.unknown.v1' } });
    await sendRaw({ body: Buffer.from('['.repeat(10_000)) });
    await bus.outcomes.publish(exampleOutcome());
    const { dealtWith, until } = read();
    await until(() => entries().length === 3);
    function entries() {
      return dealtWith.flatMap(({ outcomes, unreadable }) => [...outcomes, ...unreadable]);
    }
    const unreadable = dealtWith.flatMap((batch) => batch.unreadable);
    expect(unreadable).toEqual([
      expect.objectContaining({ why: expect.stringContaining('type'), messageId: message.messageId }),
      expect.objectContaining({ why: 'the body is nested deeper than 64 levels' }),
    ]);
    expect(new Set(unreadable.map(({ partition }) => partition)).size).toBe(1);
  });

  async function sendRaw(event: EventData): Promise<void> {
    await bus.clients.outcomesProducer().sendBatch([event], { partitionId: '2' });
  }
});
