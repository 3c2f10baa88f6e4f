import { EventLog, type HubEvent } from './event-log.js';
import type { EngineContext } from './journal.js';
import type { RecordOf } from './journal-record.js';

/** A receiver's place in a partition. `deliver` is called in order, only when `ready` said yes. */
export interface EventReader {
  ready(): boolean;
  deliver(event: HubEvent): void;
}

/** Where a receiver starts. Numbers and moments are compared with the event's own. */
export type StartPosition =
  | { readonly kind: 'latest' }
  | {
      readonly kind: 'offset' | 'sequence' | 'enqueued-time';
      readonly after: number;
      readonly inclusive: boolean;
    };

export interface PartitionState {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly lastOffset: number;
  readonly lastEnqueuedAt: number;
  readonly isEmpty: boolean;
}

/** One append-only sequence of events; every receiver reads at its own pace and nothing is removed by reading. */
export class EventPartition {
  private readonly log = new EventLog();
  private readonly readers = new Map<EventReader, { next: number }>();
  /** What the next batch gets … */
  private nextSequence = 0;
  private nextOffset = 0;
  /** … and what comes after the events that are in the journal, which a snapshot must not run ahead of. */
  private written = { nextSequence: 0, nextOffset: 0 };

  constructor(
    private readonly names: { readonly hub: string; readonly partition: string },
    private readonly context: EngineContext,
  ) {}

  get state(): PartitionState {
    const { first, last } = this.log;
    const { nextSequence } = this;
    if (first === undefined || last === undefined)
      return { ...EMPTY, firstSequence: nextSequence, lastSequence: nextSequence - 1 };
    return {
      firstSequence: first.sequence,
      lastSequence: last.sequence,
      lastOffset: last.offset,
      lastEnqueuedAt: last.enqueuedAt,
      isEmpty: false,
    };
  }

  /** Appends all events or none; resolves once the journal has them. */
  async append(encoded: readonly Buffer[], partitionKey?: string): Promise<void> {
    const record: RecordOf<'events'> = {
      type: 'events',
      ...this.names,
      at: this.context.clock.now(),
      firstSequence: this.nextSequence,
      firstOffset: this.nextOffset,
      ...(partitionKey !== undefined && { partitionKey }),
    };
    this.advanceTo(record.firstSequence + encoded.length, record.firstOffset + totalLength(encoded));
    await this.context.journal.append(record, encoded);
    this.restore(record, encoded);
    this.log.retire(record.at);
    for (const reader of this.readers.keys()) this.pump(reader);
  }

  /** Adds events that the journal already has. */
  restore(record: RecordOf<'events'>, payloads: readonly Buffer[]): void {
    let offset = record.firstOffset;
    payloads.forEach((encoded, index) => {
      const { at: enqueuedAt, partitionKey } = record;
      this.log.push({ sequence: record.firstSequence + index, offset, enqueuedAt, partitionKey, encoded });
      offset += encoded.length;
    });
    this.restoreCounters({ nextSequence: record.firstSequence + payloads.length, nextOffset: offset });
  }

  restoreCounters({
    nextSequence,
    nextOffset,
  }: Pick<RecordOf<'partition'>, 'nextSequence' | 'nextOffset'>): void {
    this.advanceTo(nextSequence, nextOffset);
    this.written = { nextSequence, nextOffset };
  }

  snapshot(): RecordOf<'partition'> {
    return { type: 'partition', ...this.names, ...this.written };
  }

  /** Everything still kept, oldest first. */
  all(): readonly HubEvent[] {
    return this.log.all();
  }

  open(reader: EventReader, start: StartPosition): void {
    this.readers.set(reader, { next: this.firstAt(start) });
    this.pump(reader);
  }

  close(reader: EventReader): void {
    this.readers.delete(reader);
  }

  /** Hands the reader events while it has room. Call it whenever it gained room. */
  pump(reader: EventReader): void {
    const place = this.readers.get(reader);
    while (place !== undefined && reader.ready()) {
      const event = this.log.atOrAfter(place.next);
      if (event === undefined) return;
      place.next = event.sequence + 1;
      reader.deliver(event);
    }
  }

  private firstAt(start: StartPosition): number {
    if (start.kind === 'latest') return this.nextSequence;
    const value = VALUE_OF[start.kind];
    const found = this.log.find((event) =>
      start.inclusive ? value(event) >= start.after : value(event) > start.after,
    );
    return found?.sequence ?? this.nextSequence;
  }

  private advanceTo(sequence: number, offset: number): void {
    this.nextSequence = Math.max(this.nextSequence, sequence);
    this.nextOffset = Math.max(this.nextOffset, offset);
  }
}

const EMPTY = { lastOffset: -1, lastEnqueuedAt: 0, isEmpty: true };

const VALUE_OF = {
  offset: (event: HubEvent) => event.offset,
  sequence: (event: HubEvent) => event.sequence,
  'enqueued-time': (event: HubEvent) => event.enqueuedAt,
} as const;

function totalLength(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0);
}
