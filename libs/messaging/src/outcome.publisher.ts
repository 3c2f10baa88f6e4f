import type { EventData, EventHubProducerClient } from '@azure/event-hubs';
import { deriveId, type Outcome } from '@pratique/contracts';
import { encodeCloudEvent } from './cloud-event-codec.js';
import type { MessagingClients } from './messaging-clients.js';
import { publishInSpans } from './message-spans.js';
import { MessagingError } from './messaging-error.js';
import { OutcomeLane } from './outcome-lane.js';
import { Slots } from './slots.js';

// https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas
const longestPartitionKey = 128;

// rhea has 2048 deliveries under way at most, and the SDK sleeps for a second when it meets that.
const mostBatchesUnderWay = 64;

// What waits is in memory, 64 KiB each at most.
const mostWaiting = 2_000;

/** Appends outcomes to the event hub. */
export class OutcomePublisher {
  /** One for each partition key that has something under way. */
  readonly #lanes = new Map<string, OutcomeLane>();
  readonly #slots = new Slots(mostBatchesUnderWay);
  #waiting = 0;

  constructor(private readonly clients: MessagingClients) {}

  /**
   * Resolves when Event Hubs has stored the outcome. Outcomes with the same subject go to the same partition and stay in
   * the order in which they were published; those that are published at the same time share a batch.
   *
   * Event Hubs drops no doubles: an outcome published twice is in the stream twice, with the same id. So it is when
   * Event Hubs stored it and the answer was lost.
   *
   * @param until with a signal it is tried until Event Hubs accepts it or the signal aborts; without, it is tried over
   *   two connections, each as often as the settings say
   * @throws MessagingError `too-large` before anything is sent, `not-published` when Event Hubs did not accept it or too
   *   many are waiting for it already
   */
  async publish(outcome: Outcome, until: { signal?: AbortSignal } = {}): Promise<void> {
    await this.clients.metrics.publishing('outcomes', () =>
      publishInSpans('outcomes', [outcome], async ([traced = outcome]) =>
        this.#publish(traced, until.signal),
      ),
    );
    this.clients.metrics.told(outcome);
  }

  async #publish(outcome: Outcome, signal: AbortSignal | undefined): Promise<void> {
    const event = toEventData(outcome);
    if (this.#waiting >= mostWaiting) throw busy();
    if (signal?.aborted === true) throw aborted();
    this.#waiting += 1;
    try {
      await this.#laneOf(partitionKey(outcome.subject)).add(event, signal);
    } finally {
      this.#waiting -= 1;
    }
  }

  #laneOf(key: string): OutcomeLane {
    const lane = this.#lanes.get(key) ?? this.#newLane(key);
    this.#lanes.set(key, lane);
    return lane;
  }

  #newLane(key: string): OutcomeLane {
    const { delayMs, maxDelayMs, timeoutMs } = this.clients.settings.retry;
    return new OutcomeLane({
      partitionKey: key,
      onIdle: () => this.#lanes.delete(key),
      backoff: { baseDelayMs: delayMs, maxDelayMs },
      slots: this.#slots,
      connection: {
        timeoutMs,
        get: () => this.clients.outcomesProducer(),
        replace: (dead: EventHubProducerClient) => this.clients.replaceOutcomesProducer(dead),
      },
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

function busy(): MessagingError {
  return new MessagingError(
    'not-published',
    `${mostWaiting} outcomes are waiting for Event Hubs already: publish this one again when it accepts them.`,
  );
}

function aborted(): MessagingError {
  return new MessagingError(
    'not-published',
    'The outcome was not sent, because its publisher does not wait for it.',
  );
}
