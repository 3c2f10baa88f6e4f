import type { ReceivedEventData } from '@azure/event-hubs';
import type { Outcome } from '@pratique/contracts';
import { readOutcome } from './read-event.js';

/** Where in the stream something stands. */
export interface StreamPosition {
  partition: string;
  /** Counts up by one within the partition. */
  sequenceNumber: number;
  offset: string;
  enqueuedAt: Date;
}

export interface ReadOutcome extends StreamPosition {
  outcome: Outcome;
}

/** Something in the stream that is no outcome by contract. */
export interface UnreadableOutcome extends StreamPosition {
  why: string;
  messageId: string | undefined;
  contentType: string | undefined;
  /** As it was received, if it was bytes. */
  body: Uint8Array | undefined;
}

/** Consecutive entries of one partition. */
export interface OutcomeBatch {
  partition: string;
  outcomes: ReadOutcome[];
  unreadable: UnreadableOutcome[];
}

export function readBatch(partition: string, events: readonly ReceivedEventData[]): OutcomeBatch {
  const batch: OutcomeBatch = { partition, outcomes: [], unreadable: [] };
  for (const event of events) {
    const position = {
      partition,
      sequenceNumber: event.sequenceNumber,
      offset: event.offset,
      enqueuedAt: event.enqueuedTimeUtc,
    };
    const body: unknown = event.body;
    const { contentType, properties = {} } = event;
    const reading = readOutcome({ body, contentType, properties });
    if (reading.ok) batch.outcomes.push({ ...position, outcome: reading.event });
    else batch.unreadable.push({ ...position, ...describe(event), why: reading.why });
  }
  return batch;
}

function describe(event: ReceivedEventData): Pick<UnreadableOutcome, 'messageId' | 'contentType' | 'body'> {
  const body: unknown = event.body;
  return {
    messageId: event.messageId === undefined ? undefined : String(event.messageId),
    contentType: event.contentType,
    body: body instanceof Uint8Array ? body : undefined,
  };
}
