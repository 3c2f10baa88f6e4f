import {
  type CheckpointStore,
  earliestEventPosition,
  type EventHubConsumerClient,
  latestEventPosition,
  type PartitionContext,
  type ReceivedEventData,
  type Subscription,
} from '@azure/event-hubs';
import { Logger } from '@nestjs/common';
import type { MessagingClients } from './messaging-clients.js';
import { handleInSpans } from './message-spans.js';
import { type OutcomeBatch, readBatch } from './outcome-batch.js';
import { pause, waitAtMost } from './pause.js';
import { brokerError } from './publishing.js';
import { RepeatedWarnings } from './repeated-warnings.js';
import { retryDelayMs } from './retry-delay.js';

export interface OutcomeReaderOptions {
  consumerGroup: string;
  checkpoints: CheckpointStore;
  /**
   * Gets every outcome at least once, those of one partition in order and one batch at a time, those of different
   * partitions side by side. The position moves on when it resolves; when it rejects, it gets the same batch again.
   * The signal aborts when the reader is closed or another reader has taken the partition over.
   */
  handle: (batch: OutcomeBatch, signal: AbortSignal) => Promise<void>;
  /** Where to begin in a partition without a checkpoint. */
  from?: 'earliest' | 'latest';
  maxBatchSize?: number;
  /** How soon other readers of the group notice that one is gone, in milliseconds. */
  takeOver?: { checkEveryMs: number; afterMs: number };
}

const handlerBackoff = { baseDelayMs: 1_000, maxDelayMs: 30_000 };

// The SDK's defaults, 10 s and 60 s, keep a restarted reader waiting for a minute for what it owned before a crash.
const defaultTakeOver = { checkEveryMs: 5_000, afterMs: 30_000 };

// How long the SDK waits for events before it looks whether it was closed.
const maxWaitSeconds = 1;

/** A partition that is this reader's at the moment. */
interface OpenPartition {
  /** Aborts when it is no longer. */
  left: AbortSignal;
  leftOrStopping: AbortSignal;
  leave: () => void;
}

/** Reads the outcomes from the event hub, and never goes past one that was not dealt with. */
export class OutcomeReader {
  readonly #logger = new Logger(OutcomeReader.name);
  readonly #warnings = new RepeatedWarnings();
  readonly #stopping = new AbortController();
  readonly #partitions = new Map<string, OpenPartition>();
  readonly #running = new Set<Promise<void>>();
  #consumer: EventHubConsumerClient | undefined;
  #subscription: Subscription | undefined;

  constructor(
    private readonly clients: MessagingClients,
    private readonly options: OutcomeReaderOptions,
  ) {}

  /** Reads from now on, shares the partitions with other readers of the group, and connects again when needed. */
  start(): void {
    const { consumerGroup, checkpoints, takeOver = defaultTakeOver } = this.options;
    this.#consumer = this.clients.outcomesConsumer(consumerGroup, checkpoints, {
      loadBalancingOptions: {
        strategy: 'greedy',
        updateIntervalInMs: takeOver.checkEveryMs,
        partitionOwnershipExpirationIntervalInMs: takeOver.afterMs,
      },
    });
    this.#subscription = this.#consumer.subscribe(
      {
        processInitialize: ({ partitionId }) => {
          this.#open(partitionId);
          return Promise.resolve();
        },
        processEvents: (events, partition) => this.#track(this.#process(events, partition)),
        processError: (error, { partitionId }) => {
          this.#onError(partitionId, brokerError(error));
          return Promise.resolve();
        },
        processClose: (_reason, { partitionId }) => {
          this.#partitions.get(partitionId)?.leave();
          return Promise.resolve();
        },
      },
      {
        startPosition: this.options.from === 'latest' ? latestEventPosition : earliestEventPosition,
        maxBatchSize: this.options.maxBatchSize ?? 100,
        maxWaitTimeInSeconds: maxWaitSeconds,
        skipParsingBodyAsJson: true,
      },
    );
  }

  /** Waits for the batches that are being handled, until the deadline of the settings, and stops. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await waitAtMost(this.clients.settings.shutdownDeadlineMs, Promise.all(this.#running));
    await this.#subscription?.close();
    await this.#consumer?.close();
  }

  #open(partition: string): OpenPartition {
    const left = new AbortController();
    const open = {
      left: left.signal,
      leftOrStopping: AbortSignal.any([left.signal, this.#stopping.signal]),
      leave: () => left.abort(),
    };
    this.#partitions.set(partition, open);
    return open;
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#running.add(work);
    await work.finally(() => this.#running.delete(work));
  }

  async #process(events: ReceivedEventData[], partition: PartitionContext): Promise<void> {
    const last = events.at(-1);
    if (last === undefined) return;
    const { partitionId } = partition;
    const { left, leftOrStopping } = this.#partitions.get(partitionId) ?? this.#open(partitionId);
    const batch = readBatch(partitionId, events);
    const { consumerGroup } = this.options;
    const handle = () =>
      handleInSpans(batch, consumerGroup, () => this.options.handle(batch, leftOrStopping));
    if (await this.#untilDone('handle', leftOrStopping, handle)) {
      this.clients.metrics.readFromStream(consumerGroup, last.enqueuedTimeUtc);
      await this.#untilDone('checkpoint', left, () => partition.updateCheckpoint(last));
    }
  }

  /** Whether it was done; false when the signal came first. */
  async #untilDone(step: string, signal: AbortSignal, work: () => Promise<void>): Promise<boolean> {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await work();
        return true;
      } catch (error) {
        this.#logger.error({
          msg: 'Outcomes could not be dealt with; they are tried again',
          step,
          attempt,
          err: error,
        });
        const delayMs = retryDelayMs({ attempt, backoff: handlerBackoff, random: Math.random() });
        await pause(delayMs, signal);
      }
    }
    return false;
  }

  #onError(partition: string, error: string): void {
    if (!this.#warnings.allows(error)) return;
    this.#logger.warn({
      msg: 'The connection to Event Hubs reported an error; it is tried again',
      partition,
      error,
    });
  }
}
