import { EventPartition, type StartPosition } from './event-partition.js';
import type { HubEvent } from './event-log.js';
import { ManualClock } from './manual-clock.js';

function setUp() {
  const clock = new ManualClock(100);
  const context = { clock, journal: { append: () => Promise.resolve(), note: () => undefined } };
  return { clock, partition: new EventPartition({ hub: 'h', partition: '0' }, context) };
}

function reader(room: number) {
  const got: HubEvent[] = [];
  const place = {
    room,
    ready: () => got.length < place.room,
    deliver: (event: HubEvent) => void got.push(event),
  };
  return { place, sequences: () => got.map(({ sequence }) => sequence) };
}

const fromStart: StartPosition = { kind: 'offset', after: -1, inclusive: false };

describe('engine/event-partition', () => {
  it('numbers events without gaps and counts offsets in bytes', async () => {
    const { partition, clock } = setUp();
    await partition.append([Buffer.alloc(10), Buffer.alloc(5)], 'key');
    clock.advance(7);
    await partition.append([Buffer.alloc(1)]);

    expect(partition.all()).toMatchObject([
      { sequence: 0, offset: 0, enqueuedAt: 100, partitionKey: 'key' },
      { sequence: 1, offset: 10, enqueuedAt: 100, partitionKey: 'key' },
      { sequence: 2, offset: 15, enqueuedAt: 107, partitionKey: undefined },
    ]);
    expect(partition.state).toMatchObject({
      firstSequence: 0,
      lastSequence: 2,
      lastOffset: 15,
      isEmpty: false,
    });
  });

  it('lets each reader go at its own pace', async () => {
    const { partition } = setUp();
    const [slow, fast] = [reader(1), reader(10)];
    partition.open(slow.place, fromStart);
    partition.open(fast.place, fromStart);

    await partition.append([Buffer.alloc(1), Buffer.alloc(1), Buffer.alloc(1)]);
    expect([slow.sequences(), fast.sequences()]).toEqual([[0], [0, 1, 2]]);
    slow.place.room = 2;
    partition.pump(slow.place);
    expect(slow.sequences()).toEqual([0, 1]);
  });

  it.each<[StartPosition, number[]]>([
    [fromStart, [0, 1, 2]],
    [{ kind: 'latest' }, []],
    [{ kind: 'offset', after: 10, inclusive: false }, [2]],
    [{ kind: 'offset', after: 10, inclusive: true }, [1, 2]],
    [{ kind: 'sequence', after: 1, inclusive: false }, [2]],
    [{ kind: 'enqueued-time', after: 100, inclusive: false }, [1, 2]],
    [{ kind: 'enqueued-time', after: 999, inclusive: false }, []],
  ])('starts at %j', async (start, expected) => {
    const { partition, clock } = setUp();
    for (let event = 0; event < 3; event += 1) {
      await partition.append([Buffer.alloc(10)]);
      clock.advance(10);
    }
    const late = reader(10);
    partition.open(late.place, start);

    expect(late.sequences()).toEqual(expected);
  });

  it('forgets events after seven days, keeps counting, and sends a reader on to the oldest that is left', async () => {
    const { partition, clock } = setUp();
    const slow = reader(0);
    partition.open(slow.place, fromStart);
    await partition.append([Buffer.alloc(1), Buffer.alloc(1)]);
    clock.advance(7 * 24 * 3_600_000);
    await partition.append([Buffer.alloc(1)]);

    slow.place.room = 5;
    partition.pump(slow.place);

    expect(slow.sequences()).toEqual([2]);
    expect(partition.state).toMatchObject({ firstSequence: 2, lastSequence: 2 });
  });
});
