import type { EventData, EventDataBatch, EventHubProducerClient } from '@azure/event-hubs';
import { MessagingError } from './messaging-error.js';
import { type Connection, overOneConnection } from './over-one-connection.js';
import { pause } from './pause.js';
import { publishing } from './publishing.js';
import { type Backoff, retryDelayMs } from './retry-delay.js';
import type { Slots } from './slots.js';

export interface OutcomeLaneOptions {
  partitionKey: string;
  connection: Connection<EventHubProducerClient>;
  /** Between tries that are made because a caller wants to wait. */
  backoff: Backoff;
  /** How many batches all lanes together may have under way. */
  slots: Slots;
  /** Called when there is nothing left to send. */
  onIdle: () => void;
}

/** An outcome on its way, and who waits for it. */
interface Entry {
  event: EventData;
  /** Whether to try again after a failure. */
  patient: boolean;
  accept: () => void;
  refuse: (error: unknown) => void;
}

// Larger ones gain nothing, and make the first of them wait for the last.
const mostInBatch = 100;

/**
 * Sends the events of one partition key, in order: a batch goes when the one before it has been accepted, with all that
 * has come meanwhile. Event Hubs knows no doubles: after a time-out an event may be there twice, with the same id.
 */
export class OutcomeLane {
  readonly #entries: Entry[] = [];
  #patience = new AbortController();
  #running = false;

  constructor(private readonly options: OutcomeLaneOptions) {}

  /**
   * Resolves when the event is stored. With a signal it is tried until that aborts, and then once more: whoever has done its
   * work while the service stops can still tell of it.
   */
  add(event: EventData, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const patient = signal !== undefined && !signal.aborted;
    const entry: Entry = { event, patient, accept: resolve, refuse: reject };
    const hurry = (): void => this.#hurry(entry);
    signal?.addEventListener('abort', hurry, { once: true });
    this.#entries.push(entry);
    this.#start();
    return promise.finally(() => signal?.removeEventListener('abort', hurry));
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#run().finally(() => {
      this.#running = false;
      // Something may have come after the last look.
      if (this.#entries.length > 0) this.#start();
      else this.options.onIdle();
    });
  }

  async #run(): Promise<void> {
    // What is published in the same turn of the event loop goes together.
    await new Promise((resolve) => setImmediate(resolve));
    let failures = 0;
    while (this.#entries.length > 0) {
      const sent = await this.#sendNext();
      failures = sent ? 0 : failures + 1;
      if (sent || this.#entries.length === 0) continue;
      this.#patience = new AbortController();
      const where = { attempt: failures, backoff: this.options.backoff, random: Math.random() };
      await pause(retryDelayMs(where), this.#patience.signal);
    }
  }

  /** Whether the first entries were stored, or refused for good. */
  async #sendNext(): Promise<boolean> {
    const { slots, connection } = this.options;
    let entries: Entry[] = [];
    await slots.enter();
    try {
      await publishing('an outcome', () =>
        overOneConnection(connection, async (producer) => {
          const packed = await this.#pack(producer);
          entries = packed.entries;
          if (entries.length > 0) await producer.sendBatch(packed.batch);
        }),
      );
      for (const entry of this.#remove(entries)) entry.accept();
      return true;
    } catch (error) {
      return this.#onFailure(entries, error);
    } finally {
      slots.leave();
    }
  }

  async #pack(producer: EventHubProducerClient): Promise<{ entries: Entry[]; batch: EventDataBatch }> {
    const { partitionKey } = this.options;
    const batch = await producer.createBatch({ partitionKey });
    const first = this.#entries.slice(0, mostInBatch);
    const tooMany = first.findIndex(({ event }) => !batch.tryAdd(event));
    if (tooMany === 0 && first[0] !== undefined) {
      const [entry] = this.#remove([first[0]]);
      entry?.refuse(tooLarge(entry.event, batch.maxSizeInBytes));
    }
    return { entries: tooMany === -1 ? first : first.slice(0, tooMany), batch };
  }

  /** Refuses those who do not want to wait. */
  #onFailure(entries: readonly Entry[], error: unknown): boolean {
    const closed = error instanceof MessagingError && error.code === 'closed';
    // Without a batch there is no connection, and nobody's turn has come more than another's.
    const concerned = entries.length > 0 ? entries : [...this.#entries];
    const leaving = concerned.filter(({ patient }) => closed || !patient);
    for (const entry of this.#remove(leaving)) entry.refuse(error);
    return closed;
  }

  #hurry(entry: Entry): void {
    entry.patient = false;
    this.#patience.abort();
  }

  /** Those of the entries that were still there. */
  #remove(entries: readonly Entry[]): Entry[] {
    return entries.filter((entry) => {
      const index = this.#entries.indexOf(entry);
      if (index >= 0) this.#entries.splice(index, 1);
      return index >= 0;
    });
  }
}

function tooLarge(event: EventData, maxBytes: number): MessagingError {
  return new MessagingError(
    'too-large',
    `The outcome ${String(event.messageId)} does not fit into a batch of ${maxBytes} bytes: put less into its details.`,
  );
}
