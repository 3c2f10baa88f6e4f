import { DuplicateHistory } from './duplicate-history.js';
import { EngineError } from './engine-error.js';
import type { EngineContext } from './journal.js';
import type { AcceptedMessage, RecordOf } from './journal-record.js';
import type { FilterableMessage, IncomingMessage } from './message.js';
import type { MessageQueue } from './message-queue.js';
import { heldCopy } from './held-copy.js';
import { Schedule, type ScheduledMessage } from './schedule.js';

/** Where a topic puts copies: a subscription with its rules, or the one queue behind a plain queue's name. */
export interface Outlet {
  readonly name: string;
  readonly queue: MessageQueue;
  takes(message: FilterableMessage): boolean;
}

export interface TopicOptions {
  readonly name: string;
  readonly outlets: readonly Outlet[];
  /** Undefined: every message is taken, whatever its id. */
  readonly duplicateDetectionWindowMs?: number | undefined;
}

/** Azure's smallest size of a topic; here for each subscription with its dead-letter queue. */
const MAX_BYTES = 1024 * 1024 * 1024;

/** Messages out of the journal, and what reads them. */
export interface PayloadSource {
  readonly payloads: readonly Buffer[];
  readonly read: (encoded: Buffer) => IncomingMessage;
}

/** The number of a message whose record is on its way to the journal, and when it has arrived. */
interface Unwritten {
  readonly sequence: number;
  readonly written: Promise<void>;
}

/** Messages that are accepted together. `earlier`: what must be written first, since some of them repeat it. */
interface Batch extends Pick<Unwritten, 'written'> {
  readonly at: number;
  readonly taken: { readonly message: IncomingMessage; readonly entry: AcceptedMessage }[];
  readonly earlier: Set<Promise<void>>;
}

/** Accepts messages, drops repeated ones, holds scheduled ones back, and puts a copy into every outlet that takes it. */
export class Topic {
  readonly name: string;
  readonly outlets: readonly Outlet[];
  readonly schedule: Schedule;
  private readonly queues: ReadonlyMap<string, MessageQueue>;
  private readonly duplicates: DuplicateHistory | undefined;
  private readonly unwritten = new Map<string, Unwritten>();
  private nextSequence = 1;

  constructor(
    options: TopicOptions,
    private readonly context: EngineContext,
  ) {
    this.name = options.name;
    this.outlets = options.outlets;
    this.queues = new Map(options.outlets.map(({ queue }) => [queue.path, queue]));
    const { duplicateDetectionWindowMs: window } = options;
    this.duplicates = window === undefined ? undefined : new DuplicateHistory(window);
    this.schedule = new Schedule(context.clock, (due) => this.activate(due));
  }

  /**
   * Accepts all messages or none. Returns their sequence numbers; a repeated message goes nowhere and has its first number.
   * Resolves once the journal has them, and what they repeat. Rejects with `quota-exceeded`.
   */
  async accept(messages: readonly IncomingMessage[]): Promise<number[]> {
    this.refuseWhenFull();
    const { promise: written, resolve, reject } = Promise.withResolvers<void>();
    const batch: Batch = { at: this.context.clock.now(), taken: [], written, earlier: new Set() };
    const sequences = messages.map(
      (message) => this.repeatedNumber(message, batch) ?? this.take(message, batch),
    );
    try {
      await this.write(batch);
      resolve();
    } catch (error) {
      written.catch(() => undefined);
      reject(error);
      throw error;
    }
    await Promise.all(batch.earlier);
    return sequences;
  }

  /** Takes back scheduled messages, all or none. Rejects with `message-not-found`. */
  async cancel(sequences: readonly number[]): Promise<void> {
    const unknown = sequences.find((sequence) => !this.schedule.has(sequence));
    if (unknown !== undefined) {
      throw new EngineError(
        'message-not-found',
        `No message with number ${unknown} is scheduled on '${this.name}'.`,
      );
    }
    for (const sequence of sequences) this.schedule.remove(sequence);
    await this.context.journal.append({ type: 'cancelled', topic: this.name, sequences: [...sequences] });
  }

  /** Repeats an acceptance from the journal. */
  restoreAccepted(record: RecordOf<'accepted'>, source: PayloadSource): void {
    record.messages.forEach((entry, index) => {
      this.reserveSequencesBelow(entry.sequence + 1);
      this.duplicates?.remember(entry.messageId, record.at, entry.sequence);
      const encoded = source.payloads[index];
      if (encoded === undefined) return;
      if (entry.scheduledFor !== undefined) this.restoreScheduled(entry, { ...source, payloads: [encoded] });
      this.restoreCopies(encoded, entry, record.at);
    });
  }

  restoreActivated(record: RecordOf<'activated'>): void {
    const scheduled = this.schedule.remove(record.scheduled);
    if (scheduled === undefined) return;
    this.reserveSequencesBelow(record.message.sequence + 1);
    this.restoreCopies(scheduled.message.encoded, record.message, record.at);
  }

  restoreCancelled({ sequences }: RecordOf<'cancelled'>): void {
    for (const sequence of sequences) this.schedule.remove(sequence);
  }

  restoreScheduled(entry: AcceptedMessage, { payloads, read }: PayloadSource): void {
    const [encoded] = payloads;
    if (encoded === undefined) return;
    this.schedule.add({ sequence: entry.sequence, dueAt: entry.scheduledFor ?? 0, message: read(encoded) });
  }

  restoreCounters(record: RecordOf<'topic'>): void {
    this.reserveSequencesBelow(record.nextSequence);
  }

  restoreSeen(payloads: readonly Buffer[]): void {
    for (const payload of payloads) this.duplicates?.unpack(payload);
  }

  /** The counter, and the ids of the duplicate-detection window in pieces. */
  *snapshot(): Generator<{
    readonly record: RecordOf<'topic' | 'seen'>;
    readonly payloads: readonly Buffer[];
  }> {
    yield { record: { type: 'topic', topic: this.name, nextSequence: this.nextSequence }, payloads: [] };
    for (const piece of this.duplicates?.pack(this.context.clock.now()) ?? []) {
      yield { record: { type: 'seen', topic: this.name }, payloads: [piece] };
    }
  }

  close(): void {
    this.schedule.close();
  }

  /** A message that repeats one which is still being written must not be answered before that one is safe. */
  private repeatedNumber({ description }: IncomingMessage, batch: Batch): number | undefined {
    const unwritten = this.unwritten.get(description.messageId);
    if (unwritten === undefined) return this.duplicates?.find(description.messageId, batch.at);
    if (unwritten.written !== batch.written) batch.earlier.add(unwritten.written);
    return unwritten.sequence;
  }

  private take(message: IncomingMessage, { at, taken, written }: Batch): number {
    const sequence = this.nextSequence++;
    const { messageId } = message.description;
    if (this.duplicates !== undefined) this.unwritten.set(messageId, { sequence, written });
    taken.push({ message, entry: this.entryFor(message, sequence, at) });
    return sequence;
  }

  private async write({ at, taken }: Batch): Promise<void> {
    if (taken.length === 0) return;
    const messages = taken.map(({ entry }) => entry);
    try {
      const payloads = taken.map(({ message }) => message.encoded);
      await this.context.journal.append({ type: 'accepted', topic: this.name, at, messages }, payloads);
      for (const { messageId, sequence } of messages) this.duplicates?.remember(messageId, at, sequence);
    } finally {
      for (const { messageId } of messages) this.unwritten.delete(messageId);
    }
    for (const { message, entry } of taken) this.place(message, entry, at);
    this.schedule.releaseDue();
  }

  private refuseWhenFull(): void {
    const heldBytes = this.outlets.map(
      ({ queue }) => queue.contents.bytes + (queue.deadLetterQueue?.contents.bytes ?? 0),
    );
    const fullest = Math.max(this.schedule.bytes, ...heldBytes);
    if (fullest < MAX_BYTES) return;
    throw new EngineError(
      'quota-exceeded',
      `'${this.name}' holds ${MAX_BYTES} bytes, and cannot take more until some are received.`,
    );
  }

  private entryFor(message: IncomingMessage, sequence: number, at: number): AcceptedMessage {
    const { messageId, timeToLiveMs } = message.description;
    const scheduled = message.scheduledFor !== undefined && message.scheduledFor > at;
    const base = { sequence, messageId };
    if (scheduled) return { ...base, copies: [], scheduledFor: message.scheduledFor };
    const copies = this.outlets
      .filter((outlet) => outlet.takes(message.description))
      .map(({ queue }) => ({ queue: queue.path, sequence: queue.contents.allocateSequence() }));
    return { ...base, copies, ...(timeToLiveMs !== undefined && { expiresAt: at + timeToLiveMs }) };
  }

  private place(message: IncomingMessage, entry: AcceptedMessage, at: number): void {
    if (entry.scheduledFor !== undefined) {
      this.schedule.add({ sequence: entry.sequence, dueAt: entry.scheduledFor, message });
      return;
    }
    for (const { queue, sequence } of entry.copies) {
      this.queues.get(queue)?.put(heldCopy(message.encoded, entry, { sequence, at }));
    }
  }

  private restoreCopies(encoded: Buffer, entry: AcceptedMessage, at: number): void {
    for (const { queue, sequence } of entry.copies) {
      this.queues.get(queue)?.contents.hold(heldCopy(encoded, entry, { sequence, at }));
    }
  }

  private activate(due: ScheduledMessage): void {
    const at = this.context.clock.now();
    const entry = this.entryFor({ ...due.message, scheduledFor: undefined }, this.nextSequence++, at);
    this.context.journal.note({
      type: 'activated',
      topic: this.name,
      at,
      scheduled: due.sequence,
      message: entry,
    });
    this.place(due.message, entry, at);
  }

  private reserveSequencesBelow(next: number): void {
    this.nextSequence = Math.max(this.nextSequence, next);
  }
}
