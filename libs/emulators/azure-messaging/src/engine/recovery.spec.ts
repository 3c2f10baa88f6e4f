import * as fc from 'fast-check';

import { Broker } from './broker.js';
import { JournalRecord } from './journal-record.js';
import { ManualClock } from './manual-clock.js';
import type { IncomingMessage, LockedMessage } from './message.js';
import { replayRecord, snapshot, type RecoveryEntry } from './recovery.js';

/** An encoding that is enough for the engine: id, region and time of the schedule, with bars between. */
function encode(id: string, region: string, scheduledFor?: number): IncomingMessage {
  return read(Buffer.from(`${id}|${region}|${scheduledFor ?? ''}`));
}

function read(encoded: Buffer): IncomingMessage {
  const [messageId = '', region = '', due = ''] = encoded.toString().split('|');
  const description = { messageId, system: { messageId }, application: new Map([['region', region]]) };
  return { encoded, description, scheduledFor: due === '' ? undefined : Number(due) };
}

function build(clock: ManualClock, log: RecoveryEntry[]): Broker {
  const write = (record: JournalRecord, payloads: readonly Buffer[] = []): void => {
    log.push({ record: JournalRecord.parse(JSON.parse(JSON.stringify(record))), payloads });
  };
  return new Broker({
    clock,
    journal: {
      append: (record, payloads) => {
        write(record, payloads);
        return Promise.resolve();
      },
      note: write,
    },
    topics: [
      {
        name: 't',
        duplicateDetectionWindowMs: 50,
        subscriptions: [
          { name: 'all', lockDurationMs: 20, maxDeliveryCount: 3, rules: [] },
          { name: 'eu', lockDurationMs: 20, rules: [{ name: 'eu', correlation: { region: 'eu' } }] },
        ],
      },
    ],
    queues: [],
    eventHubs: [{ name: 'h', partitions: 2 }],
  });
}

function replay(clock: ManualClock, log: readonly RecoveryEntry[]): Broker {
  const broker = build(clock, []);
  for (const entry of log) replayRecord(broker, entry, read);
  return broker;
}

/** What a broker holds, without what a restart may change: who has a lock, and the count of the delivery under way. */
function holdings(broker: Broker): unknown {
  return [...snapshot(broker)].map(({ record, payloads }) => ({
    ...record,
    ...(record.type === 'held' && { copies: record.copies.map(({ deliveryCount: _, ...copy }) => copy) }),
    payloads: payloads.map(String),
  }));
}

type Step =
  | { readonly do: 'send'; readonly id: string; readonly region: string; readonly delay: number }
  | {
      readonly do: 'settle';
      readonly how: 'complete' | 'abandon' | 'deadLetter' | 'mark';
      readonly which: number;
    }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'events'; readonly count: number; readonly partition: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('send' as const),
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    region: fc.constantFrom('eu', 'us'),
    delay: fc.constantFrom(0, 10, 100),
  }),
  fc.record({
    do: fc.constant('settle' as const),
    how: fc.constantFrom('complete' as const, 'abandon' as const, 'deadLetter' as const, 'mark' as const),
    which: fc.nat(5),
  }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.nat(30) }),
  fc.record({ do: fc.constant('cancel' as const), which: fc.nat(3) }),
  fc.record({
    do: fc.constant('events' as const),
    count: fc.integer({ min: 1, max: 3 }),
    partition: fc.constantFrom('0', '1'),
  }),
);

async function settle(broker: Broker, locked: LockedMessage, how: string): Promise<void> {
  const queue = broker.queue('t/Subscriptions/all');
  if (how === 'complete') await queue?.complete(locked.token);
  else if (how === 'abandon') await queue?.abandon(locked.token);
  else if (how === 'mark') await queue?.abandon(locked.token, { seen: true });
  else await queue?.deadLetter(locked.token, { reason: 'r' });
}

interface Scene {
  readonly broker: Broker;
  readonly clock: ManualClock;
  readonly locked: LockedMessage[];
}

type Performers = {
  readonly [Name in Step['do']]: (scene: Scene, step: Extract<Step, { do: Name }>) => Promise<unknown>;
};

const performers: Performers = {
  send: async ({ broker, clock }, { id, region, delay }) =>
    await broker.topic('t')?.accept([encode(id, region, delay === 0 ? undefined : clock.now() + delay)]),
  settle: async ({ broker, locked }, { which, how }) => {
    const [message] = locked.splice(which, 1);
    if (message !== undefined) await settle(broker, message, how).catch(() => undefined);
  },
  advance: ({ clock }, { ms }) => {
    clock.advance(ms);
    return Promise.resolve();
  },
  cancel: async ({ broker }, { which }) => {
    const waiting = broker.topic('t')?.schedule.all()[which];
    if (waiting !== undefined) await broker.topic('t')?.cancel([waiting.sequence]);
  },
  events: async ({ broker }, { count, partition }) => {
    const encoded = Array.from({ length: count }, (_, index) => Buffer.from(`event ${index}`));
    await broker.eventHub('h')?.append({ encoded, partition, partitionKey: 'k' });
  },
};

async function perform(broker: Broker, clock: ManualClock, steps: readonly Step[]): Promise<void> {
  const locked: LockedMessage[] = [];
  broker.queue('t/Subscriptions/all')?.attach({
    mode: 'peek-lock',
    ready: () => locked.length < 6,
    deliver: (message) => locked.push(message),
  });
  for (const next of steps) {
    const run = performers[next.do] as (scene: Scene, step: Step) => Promise<unknown>;
    await run({ broker, clock, locked }, next);
  }
}

describe('engine/recovery', () => {
  it('rebuilds from the journal what the broker held, after any sequence of operations', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const clock = new ManualClock(1000);
        const log: RecoveryEntry[] = [];
        const broker = build(clock, log);
        await perform(broker, clock, steps);

        expect(holdings(replay(clock, log))).toEqual(holdings(broker));
      }),
      { numRuns: 300 },
    );
  });

  it('rebuilds the same from a snapshot as from the whole journal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const clock = new ManualClock(1000);
        const log: RecoveryEntry[] = [];
        await perform(build(clock, log), clock, steps);
        const recovered = replay(clock, log);

        const fromSnapshot = replay(clock, [...snapshot(recovered)]);

        expect([...snapshot(fromSnapshot)]).toEqual([...snapshot(recovered)]);
      }),
      { numRuns: 300 },
    );
  });

  it('counts the delivery under which a message was locked, and dead-letters it when that was the last one', async () => {
    const clock = new ManualClock(1000);
    const log: RecoveryEntry[] = [];
    const broker = build(clock, log);
    const sent: Step = { do: 'send', id: 'a', region: 'eu', delay: 0 };
    await perform(broker, clock, [sent, { do: 'advance', ms: 20 }, { do: 'advance', ms: 20 }]);

    const recovered = replay(clock, log);
    recovered.open();

    expect(recovered.queue('t/Subscriptions/all')?.contents.all()).toEqual([]);
    expect(recovered.queue('t/Subscriptions/all/$DeadLetterQueue')?.contents.all()).toMatchObject([
      { messageId: 'a', deliveryCount: 3 },
    ]);
    recovered.close();
  });

  it('passes over records of entities that are no longer configured', () => {
    const broker = build(new ManualClock(0), []);
    const records: JournalRecord[] = [
      { type: 'accepted', topic: 'gone', at: 0, messages: [] },
      { type: 'removed', queue: 'gone/Subscriptions/s', sequences: [1] },
      { type: 'events', hub: 'gone', partition: '0', at: 0, firstSequence: 0, firstOffset: 0 },
      { type: 'events', hub: 'h', partition: '9', at: 0, firstSequence: 0, firstOffset: 0 },
    ];
    const before = [...snapshot(broker)];

    for (const record of records) replayRecord(broker, { record, payloads: [] }, read);

    expect([...snapshot(broker)]).toEqual(before);
  });
});
