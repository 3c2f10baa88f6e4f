import type { EventData } from '@azure/event-hubs';
import { deriveId, type Outcome } from '@pratique/contracts';
import { encodeCloudEvent } from './cloud-event-codec.js';
import type { MessagingClients } from './messaging-clients.js';
import { MessagingError } from './messaging-error.js';
import { publishing } from './publishing.js';

// https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas
const longestPartitionKey = 128;

/** Appends outcomes to the event hub. */
export class OutcomePublisher {
  constructor(private readonly clients: MessagingClients) {}

  /**
   * Resolves when Event Hubs has stored the outcome. Outcomes with the same subject go to the same partition and stay in
   * order. Event Hubs drops no doubles: an outcome published twice is in the stream twice, with the same id.
   *
   * @throws MessagingError `too-large` before anything is sent, `not-published` when the broker did not accept
   */
  async publish(outcome: Outcome): Promise<void> {
    const event = toEventData(outcome);
    await publishing(`the outcome ${outcome.type}`, async () => {
      const producer = this.clients.outcomesProducer();
      const batch = await producer.createBatch({ partitionKey: partitionKey(outcome.subject) });
      if (!batch.tryAdd(event)) {
        throw new MessagingError(
          'too-large',
          `The outcome ${outcome.id} does not fit into a batch of ${batch.maxSizeInBytes} bytes: put less into its details.`,
        );
      }
      await producer.sendBatch(batch);
    });
  }
}

function toEventData(outcome: Outcome): EventData {
  const { properties, ...message } = encodeCloudEvent(outcome);
  return { ...message, properties };
}

function partitionKey(subject: string): string {
  return Buffer.byteLength(subject) <= longestPartitionKey ? subject : deriveId(subject);
}
