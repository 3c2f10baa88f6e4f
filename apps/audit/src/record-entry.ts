import { Injectable } from '@nestjs/common';
import { type Outcome, outcomeWithoutEvent, type RegistryEvent } from '@pratique/contracts';
import type { OutcomeBatch, UnreadableOutcome } from '@pratique/messaging';
import { entryOfEvent, entryOfOutcome } from './entry.js';
import { EntryStore } from './entry-store.js';

/** Writes down what the bus carries. What has been written down already changes nothing. */
@Injectable()
export class RecordEntry {
  constructor(private readonly store: EntryStore) {}

  async event(event: RegistryEvent): Promise<void> {
    await this.store.append([entryOfEvent(event, new Date())]);
  }

  /** All of a batch or nothing of it. What cannot be read as an outcome leaves an entry that says so. */
  async outcomes({ outcomes, unreadable }: OutcomeBatch): Promise<void> {
    const now = new Date();
    const read = outcomes.map(({ outcome, sequenceNumber }) => ({ outcome, sequenceNumber }));
    const strange = unreadable.map((message) => ({
      outcome: notInContract(message, now),
      sequenceNumber: message.sequenceNumber,
    }));
    const inOrder = [...read, ...strange].toSorted((a, b) => a.sequenceNumber - b.sequenceNumber);
    await this.store.append(inOrder.map(({ outcome }) => entryOfOutcome(outcome, now)));
  }
}

// The sentence of an outcome may have 2048 characters.
const maxWhy = 1500;

/** The entry's id comes from the place in the stream, so that reading it again finds it recorded. */
function notInContract(message: UnreadableOutcome, at: Date): Outcome {
  const { partition, sequenceNumber, offset, enqueuedAt, why, messageId } = message;
  const place = [partition, String(sequenceNumber), offset, enqueuedAt.toISOString()];
  return outcomeWithoutEvent('dead-letter.contract-violation', ['outcomes', ...place], {
    service: 'audit',
    at,
    data: {
      severity: 'error',
      reason: 'not-in-contract',
      message: `Partition ${partition} of the outcomes has a message at ${sequenceNumber} that is no outcome: ${why.slice(0, maxWhy)}`,
      details: { partition, sequenceNumber, offset, messageId: messageId ?? null },
    },
  });
}
