import { Alarm } from './alarm.js';
import {
  asDeadLetter,
  deadLetterProperties,
  type DeadLetterReason,
  deliveriesUsedUp,
} from './dead-letter.js';
import { EngineError } from './engine-error.js';
import type { EngineContext } from './journal.js';
import type { RecordOf } from './journal-record.js';
import { LockTable } from './lock-table.js';
import type { HeldMessage, PropertyValue } from './message.js';
import { type QueueConsumer, QueueConsumers } from './queue-consumers.js';
import { hasExpired, QueueContents } from './queue-contents.js';
import { fromStored, toStored } from './stored-properties.js';

export interface MessageQueueOptions {
  /** Address without a leading slash, as configured, e.g. `orders/Subscriptions/billing`. */
  readonly path: string;
  readonly lockDurationMs: number;
  /** After this many failed deliveries the message is dead-lettered; ignored without a dead-letter queue. */
  readonly maxDeliveryCount: number;
  readonly deadLetterQueue?: MessageQueue;
}

/**
 * A peek-lock queue: the inside of a subscription, a queue and a dead-letter queue. Messages go out in the order of their
 * numbers; an abandoned one goes back to its old place. A lock outlives the receiver that took it.
 */
export class MessageQueue {
  readonly path: string;
  readonly deadLetterQueue: MessageQueue | undefined;
  /** Recovery and snapshots work on this directly; receivers never do. */
  readonly contents = new QueueContents();
  private readonly locks: LockTable;
  private readonly consumers = new QueueConsumers();
  private readonly expiry: Alarm;
  private dispatching = false;

  constructor(
    private readonly options: MessageQueueOptions,
    private readonly context: EngineContext,
  ) {
    this.path = options.path;
    this.deadLetterQueue = options.deadLetterQueue;
    this.locks = new LockTable(options.lockDurationMs);
    this.expiry = new Alarm(context.clock, () => this.dispatch());
  }

  get lockedCount(): number {
    return this.locks.size;
  }

  isLocked(message: HeldMessage): boolean {
    return this.locks.has(message);
  }

  /** Takes in a message that is already safe in the journal. */
  put(message: HeldMessage): void {
    this.contents.hold(message);
    this.offer(message);
    this.dispatch();
  }

  attach(consumer: QueueConsumer): void {
    this.consumers.add(consumer);
    this.dispatch();
  }

  detach(consumer: QueueConsumer): void {
    this.consumers.remove(consumer);
  }

  /** Gives deliverable messages to receivers that have room. Call it whenever a receiver gained room. */
  dispatch(): void {
    if (this.dispatching) return;
    this.dispatching = true;
    try {
      this.releaseExpiredLocks();
      while (this.contents.available > 0) {
        const consumer = this.consumers.next();
        if (consumer === undefined || !this.deliverTo(consumer)) break;
      }
    } finally {
      this.dispatching = false;
      this.expiry.setTo(this.locks.nextExpiry);
    }
  }

  /** Removes a locked message for good. Rejects with `lock-lost`. */
  async complete(token: string): Promise<void> {
    const { sequence } = this.unlock(token);
    await this.context.journal.append({ type: 'removed', queue: this.path, sequences: [sequence] });
    this.contents.remove(sequence);
  }

  /** Gives a locked message back at once, as a failed delivery; `properties` are set on it. Rejects with `lock-lost`. */
  async abandon(token: string, properties: Readonly<Record<string, PropertyValue>> = {}): Promise<void> {
    const message = this.unlock(token);
    if (Object.keys(properties).length > 0) {
      const changed = { ...message.properties, ...properties };
      await this.context.journal.append({
        type: 'changed',
        queue: this.path,
        sequence: message.sequence,
        deliveryCount: message.deliveryCount + 1,
        properties: toStored(changed),
      });
      message.properties = changed;
    }
    this.release(message);
    this.dispatch();
  }

  /** Moves a locked message to the dead-letter queue. Rejects with `lock-lost`, and in a dead-letter queue with `not-allowed`. */
  async deadLetter(token: string, why: DeadLetterReason): Promise<void> {
    if (this.deadLetterQueue === undefined) {
      throw new EngineError(
        'not-allowed',
        `'${this.path}' is itself a dead-letter queue. Complete the message instead.`,
      );
    }
    const message = this.unlock(token);
    const record = this.deadLetterRecord(message, why);
    await this.context.journal.append(record);
    this.moveToDeadLetterQueue(message, record);
  }

  /** Restarts the lock's duration and returns its new end (Unix ms). Throws `lock-lost`. */
  renew(token: string): number {
    const renewed = this.locks.renew(token, this.context.clock.now());
    if (renewed === undefined) throw lockLost(this.path);
    this.expiry.setTo(this.locks.nextExpiry);
    return renewed.lockedUntil;
  }

  /** Up to `limit` messages from `fromSequence` on, without locking them. */
  peek(fromSequence: number, limit: number): HeldMessage[] {
    return this.contents.from(fromSequence, { limit, now: this.context.clock.now() });
  }

  /** Ends recovery: everything held becomes deliverable, or is dead-lettered when its deliveries are used up. */
  open(): void {
    for (const message of this.contents.all()) this.offer(message);
  }

  close(): void {
    this.expiry.stop();
  }

  private deliverTo(consumer: QueueConsumer): boolean {
    const message = this.nextUnexpired();
    if (message === undefined) return false;
    if (consumer.mode === 'receive-and-delete') {
      this.discard(message);
      consumer.deliver(message);
      return true;
    }
    const { sequence, deliveryCount } = message;
    // Written before the outcome is known: a delivery that the process does not survive counts as a failed one.
    this.context.journal.note({
      type: 'locked',
      queue: this.path,
      sequence,
      deliveryCount: deliveryCount + 1,
    });
    consumer.deliver(this.locks.lock(message, this.context.clock.now()));
    return true;
  }

  private nextUnexpired(): HeldMessage | undefined {
    const now = this.context.clock.now();
    let message = this.contents.takeNext();
    while (message !== undefined && hasExpired(message, now)) {
      this.discard(message);
      message = this.contents.takeNext();
    }
    return message;
  }

  private discard({ sequence }: HeldMessage): void {
    this.contents.remove(sequence);
    this.context.journal.note({ type: 'removed', queue: this.path, sequences: [sequence] });
  }

  private unlock(token: string): HeldMessage {
    const message = this.locks.take(token, this.context.clock.now());
    if (message === undefined) throw lockLost(this.path);
    this.expiry.setTo(this.locks.nextExpiry);
    return message;
  }

  private releaseExpiredLocks(): void {
    const now = this.context.clock.now();
    for (
      let message = this.locks.takeExpired(now);
      message !== undefined;
      message = this.locks.takeExpired(now)
    ) {
      this.release(message);
    }
  }

  private release(message: HeldMessage): void {
    message.deliveryCount += 1;
    this.offer(message);
  }

  private offer(message: HeldMessage): void {
    const { maxDeliveryCount } = this.options;
    if (this.deadLetterQueue === undefined || message.deliveryCount < maxDeliveryCount) {
      this.contents.offer(message);
      return;
    }
    const record = this.deadLetterRecord(message, deliveriesUsedUp(maxDeliveryCount));
    this.context.journal.note(record);
    this.moveToDeadLetterQueue(message, record);
  }

  private deadLetterRecord(message: HeldMessage, why: DeadLetterReason): RecordOf<'deadLettered'> {
    const { sequence, deliveryCount } = message;
    const properties = toStored(deadLetterProperties(message, why));
    return { type: 'deadLettered', queue: this.path, sequence, deliveryCount, properties };
  }

  private moveToDeadLetterQueue(message: HeldMessage, { properties }: RecordOf<'deadLettered'>): void {
    this.contents.remove(message.sequence);
    this.deadLetterQueue?.put(asDeadLetter(message, this.path, fromStored(properties)));
  }
}

function lockLost(path: string): EngineError {
  return new EngineError(
    'lock-lost',
    `The lock supplied is invalid: it expired or the message was already settled on '${path}'. Receive it again.`,
  );
}
