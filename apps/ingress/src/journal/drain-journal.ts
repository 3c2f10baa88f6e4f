import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { RegistryEvent } from '@pratique/contracts';
import { MessagingError, type RegistryEventPublisher } from '@pratique/messaging';
import type { Journal } from './journal.js';

// As many events as travel in one message to the broker without being split.
const batchSize = 64;
const firstPauseMs = 250;
const longestPauseMs = 5_000;

/** Publishes what is in the journal, oldest first and one batch after the other, whenever there is something. */
export class DrainJournal {
  readonly #logger = new Logger(DrainJournal.name);
  readonly #stopping = new AbortController();
  #isDraining = false;

  constructor(
    private readonly journal: Journal,
    private readonly publisher: Pick<RegistryEventPublisher, 'publish'>,
  ) {}

  /** Begins, unless it is at work already. */
  wake(): void {
    if (this.#isDraining || this.#stopping.signal.aborted || this.journal.isEmpty) return;
    this.#isDraining = true;
    void this.#drain().finally(() => {
      this.#isDraining = false;
    });
  }

  /** Begins nothing any more. What is just being published may arrive, or be published again by the next process. */
  stop(): void {
    this.#stopping.abort();
  }

  async #drain(): Promise<void> {
    const { signal } = this.#stopping;
    let pauseMs = firstPauseMs;
    let drained = 0;
    while (!signal.aborted && !this.journal.isEmpty) {
      try {
        drained += await this.#publishNext();
        pauseMs = firstPauseMs;
      } catch (error) {
        if (pauseMs === firstPauseMs)
          this.#logger.warn({ msg: 'The broker does not take what is in the journal yet', err: error });
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
    if (drained > 0) this.#logger.log({ msg: 'The broker has what was in the journal', events: drained });
  }

  async #publishNext(): Promise<number> {
    const next = await this.journal.next(batchSize);
    // Something is just being appended.
    if (next === undefined) {
      await delay(1);
      return 0;
    }
    const { events, through } = next;
    try {
      for (let at = 0; at < events.length; at += batchSize)
        await this.publisher.publish(events.slice(at, at + batchSize));
    } catch (error) {
      if (!(error instanceof MessagingError) || error.code !== 'too-large') throw error;
      await this.#publishOneByOne(events);
    }
    await this.journal.published(through);
    return events.length;
  }

  /** An event that is too large by itself would hold back all others for ever. */
  async #publishOneByOne(events: readonly RegistryEvent[]): Promise<void> {
    for (const event of events) {
      try {
        await this.publisher.publish(event);
      } catch (error) {
        if (!(error instanceof MessagingError) || error.code !== 'too-large') throw error;
        this.#logger.error({
          msg: 'An event in the journal is too large for the broker: it is given up',
          id: event.id,
        });
      }
    }
  }
}
