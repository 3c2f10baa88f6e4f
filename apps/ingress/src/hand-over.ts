import { type BeforeApplicationShutdown, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { RegistryEvent } from '@pratique/contracts';
import type { RegistryEventPublisher } from '@pratique/messaging';
import { DrainJournal } from './journal/drain-journal.js';
import type { Journal } from './journal/journal.js';
import { publishWithin } from './publish-within.js';

// Azure Container Registry waits five seconds and does not come again; an answer after that is an answer to nobody.
const patienceMs = 4_000;

// Distribution waits one second; after this there is still time to write to disk.
const patienceBeforeJournalMs = 600;

/** Where accepted events are: with the broker, or on disk until the broker takes them. */
export type Whereabouts = 'broker' | 'journal';

/** Puts accepted events into safe hands: the broker's, or the journal's while the broker is away. */
export class HandOver implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #logger = new Logger(HandOver.name);
  readonly #drain: DrainJournal | undefined;

  constructor(
    private readonly publisher: Pick<RegistryEventPublisher, 'publish'>,
    private readonly journal?: Journal,
  ) {
    if (journal === undefined) return;
    this.#drain = new DrainJournal(journal, publisher);
    this.#greet(journal);
    this.#drain.wake();
  }

  /**
   * Resolves when the events are safe. While the journal holds something they queue behind it, so that those of one
   * registry arrive in the order in which they were accepted.
   *
   * @throws what the publisher throws where there is no journal, else what the journal throws
   */
  async accept(events: readonly RegistryEvent[]): Promise<Whereabouts> {
    const { journal } = this;
    if (journal === undefined) {
      await publishWithin(this.publisher, events, patienceMs);
      return 'broker';
    }
    if (journal.isEmpty) {
      try {
        await publishWithin(this.publisher, events, patienceBeforeJournalMs);
        return 'broker';
      } catch (error) {
        this.#tellOnce(journal, error);
      }
    }
    await journal.append(events);
    this.#drain?.wake();
    return 'journal';
  }

  beforeApplicationShutdown(): void {
    this.#drain?.stop();
  }

  // The server has answered its last request by now.
  async onApplicationShutdown(): Promise<void> {
    await this.journal?.close();
  }

  /** Of those that were waiting together, the first tells. */
  #tellOnce({ isEmpty }: Journal, error: unknown): void {
    if (isEmpty)
      this.#logger.warn({ msg: 'The broker does not take events: they go to the journal', err: error });
  }

  #greet({ deliveries, damaged }: Journal): void {
    if (damaged > 0)
      this.#logger.error({ msg: 'Lines of the journal are damaged: what they held is lost', lines: damaged });
    if (deliveries > 0)
      this.#logger.log({ msg: 'The journal holds deliveries of an earlier process', deliveries });
  }
}
