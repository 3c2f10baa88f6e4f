import { ManualClock } from './manual-clock.js';
import type { HeldMessage, LockedMessage } from './message.js';
import { MessageQueue } from './message-queue.js';
import type { QueueConsumer } from './queue-consumers.js';

const LOCK_MS = 1000;

function setUp({ maxDeliveryCount = 10 } = {}) {
  const clock = new ManualClock(0);
  const context = { clock, journal: { append: () => Promise.resolve(), note: () => undefined } };
  const limits = { lockDurationMs: LOCK_MS, maxDeliveryCount };
  const deadLetterQueue = new MessageQueue({ path: 'q/$DeadLetterQueue', ...limits }, context);
  const queue = new MessageQueue({ path: 'q', ...limits, deadLetterQueue }, context);
  return { clock, queue, deadLetterQueue };
}

function held(sequence: number, expiresAt?: number): HeldMessage {
  const encoded = Buffer.alloc(1);
  const messageId = `m${sequence}`;
  return {
    sequence,
    enqueuedSequence: sequence,
    enqueuedAt: 0,
    messageId,
    encoded,
    expiresAt,
    deliveryCount: 0,
    properties: {},
  };
}

/** A receiver with so much room; it collects what it gets. */
function consumer(room: number) {
  const got: LockedMessage[] = [];
  const place: QueueConsumer & { room: number } = {
    mode: 'peek-lock',
    room,
    ready: () => got.length < place.room,
    deliver: (locked) => got.push(locked),
  };
  return { place, got, sequences: () => got.map(({ message }) => message.sequence) };
}

function tokenOf(got: readonly LockedMessage[], index: number): string {
  return got[index]?.token ?? '';
}

describe('engine/message-queue', () => {
  it('delivers in the order of numbers, an abandoned message in its old place', async () => {
    const { queue } = setUp();
    for (const sequence of [1, 2, 3]) queue.put(held(sequence));
    const receiver = consumer(2);
    queue.attach(receiver.place);

    await queue.abandon(tokenOf(receiver.got, 0));
    receiver.place.room = 4;
    queue.dispatch();

    expect(receiver.sequences()).toEqual([1, 2, 1, 3]);
    expect(receiver.got[2]?.message.deliveryCount).toBe(1);
  });

  it('gives receivers with room one message each in turn', () => {
    const { queue } = setUp();
    const [first, second] = [consumer(10), consumer(2)];
    queue.attach(first.place);
    queue.attach(second.place);

    for (let sequence = 1; sequence <= 6; sequence += 1) queue.put(held(sequence));

    expect(first.sequences()).toEqual([1, 3, 5, 6]);
    expect(second.sequences()).toEqual([2, 4]);
  });

  it('delivers nothing to a receiver that has gone, and leaves its locks running', () => {
    const { queue, clock } = setUp();
    const gone = consumer(1);
    queue.attach(gone.place);
    queue.put(held(1));
    gone.place.room = 5;
    queue.detach(gone.place);
    queue.put(held(2));

    expect(gone.sequences()).toEqual([1]);
    expect([queue.contents.available, queue.lockedCount]).toEqual([1, 1]);
    clock.advance(LOCK_MS);
    expect([queue.contents.available, queue.lockedCount]).toEqual([2, 0]);
  });

  it('gives a message to a waiting receiver in the moment its lock expires', () => {
    const { queue, clock } = setUp();
    const [first, second] = [consumer(1), consumer(1)];
    queue.attach(first.place);
    queue.put(held(1));
    queue.attach(second.place);

    clock.advance(LOCK_MS - 1);
    expect(second.sequences()).toEqual([]);
    clock.advance(1);
    expect(second.sequences()).toEqual([1]);
  });

  it('takes each token once, until its lock ends', async () => {
    const { queue, clock } = setUp();
    const receiver = consumer(1);
    queue.attach(receiver.place);
    queue.put(held(1));
    const token = tokenOf(receiver.got, 0);

    clock.advance(LOCK_MS - 1);
    expect(queue.renew(token)).toBe(2 * LOCK_MS - 1);
    clock.advance(LOCK_MS - 1);
    await queue.complete(token);

    await expect(queue.complete(token)).rejects.toMatchObject({ code: 'lock-lost' });
    await expect(queue.abandon('unknown')).rejects.toMatchObject({ code: 'lock-lost' });
    expect(() => queue.renew(token)).toThrow(/lock supplied is invalid/);
  });

  it('lets locks that are renewed out of order expire each at its own time', () => {
    const { queue, clock } = setUp();
    const receiver = consumer(3);
    queue.attach(receiver.place);
    for (const sequence of [1, 2, 3]) queue.put(held(sequence));
    receiver.place.room = 0;

    clock.advance(400);
    queue.renew(tokenOf(receiver.got, 0));
    clock.advance(400);
    queue.renew(tokenOf(receiver.got, 2));

    clock.advance(200);
    expect(queue.contents.available).toBe(1);
    clock.advance(400);
    expect(queue.contents.available).toBe(2);
    clock.advance(400);
    expect(queue.contents.available).toBe(3);
  });

  it('dead-letters a message whose locks expired as often as allowed', () => {
    const { queue, clock, deadLetterQueue } = setUp({ maxDeliveryCount: 2 });
    queue.attach(consumer(2).place);
    queue.put(held(1));

    clock.advance(2 * LOCK_MS);

    expect([queue.contents.available, queue.lockedCount]).toEqual([0, 0]);
    expect(deadLetterQueue.contents.all()).toMatchObject([
      {
        sequence: 1,
        deliveryCount: 2,
        deadLetterSource: 'q',
        properties: {
          DeadLetterReason: 'MaxDeliveryCountExceeded',
          DeadLetterErrorDescription: 'Message could not be consumed after 2 delivery attempts.',
        },
      },
    ]);
  });

  it('hands a dead letter out again and again, and never dead-letters it', async () => {
    const { queue, deadLetterQueue } = setUp({ maxDeliveryCount: 1 });
    const receiver = consumer(1);
    queue.attach(receiver.place);
    queue.put(held(1));
    await queue.deadLetter(tokenOf(receiver.got, 0), { reason: 'r' });
    const reader = consumer(3);
    deadLetterQueue.attach(reader.place);

    await deadLetterQueue.abandon(tokenOf(reader.got, 0));
    await deadLetterQueue.abandon(tokenOf(reader.got, 1));

    expect(reader.sequences()).toEqual([1, 1, 1]);
    await expect(deadLetterQueue.deadLetter(tokenOf(reader.got, 2), {})).rejects.toMatchObject({
      code: 'not-allowed',
    });
    expect(deadLetterQueue.lockedCount).toBe(1);
  });

  it('never delivers an expired message, and a dead letter does not expire', async () => {
    const { queue, clock, deadLetterQueue } = setUp();
    const receiver = consumer(1);
    queue.attach(receiver.place);
    queue.put(held(1, 5000));
    await queue.deadLetter(tokenOf(receiver.got, 0), {});
    queue.put(held(2, 5000));
    receiver.place.room = 0;

    clock.advance(5000);
    receiver.place.room = 5;
    queue.dispatch();

    expect(receiver.sequences()).toEqual([1]);
    expect(queue.peek(0, 10)).toEqual([]);
    expect(deadLetterQueue.peek(0, 10)).toHaveLength(1);
  });

  it('keeps the order of a queue of any length with any removals', () => {
    const { queue } = setUp();
    const count = 500;
    for (let step = 0; step < count; step += 1) queue.put(held(((step * 7919) % count) + 1));
    const receiver = consumer(count);

    queue.attach(receiver.place);

    expect(receiver.sequences()).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  });
});
