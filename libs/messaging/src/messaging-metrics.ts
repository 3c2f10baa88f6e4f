import type { DeadLetterOutcome } from './settle.js';
import type { Outcome, SubscriptionName } from '@pratique/contracts';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { MessagingError } from './messaging-error.js';

/** What became of a message: what was decided, or `not-settled` when the broker did not take the decision. */
export type SettledAs = 'complete' | 'abandon' | 'redeliver' | 'dead-letter' | 'not-settled';

export type Destination = 'registry-events' | 'outcomes';

// Names of metrics must be unique in a registry; every label has a value from a closed list.
const onSubscription = ['subscription'] as const;
const onType = ['subscription', 'type'] as const;

/** From a local answer to a lock that was renewed for an hour. */
const workSeconds = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1800, 3600];
/** From a message that was waited for to one that has outlived a night. */
const ageSeconds = [0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600];
const publishSeconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];

/** What Prometheus can know of the bus. One for each registry. */
export class MessagingMetrics {
  readonly #work: ReturnType<typeof countsOfWork> & ReturnType<typeof timesOfWork>;
  readonly #publication: ReturnType<typeof publicationMetrics>;

  constructor(readonly registry: Registry = new Registry()) {
    this.#work = { ...countsOfWork([registry]), ...timesOfWork([registry]) };
    this.#publication = publicationMetrics([registry]);
  }

  /** @returns to be called when the message is settled, or is not going to be */
  received(
    subscription: SubscriptionName,
    message: { type: string; enqueuedAt: Date | undefined },
  ): (as: SettledAs) => void {
    const { type, enqueuedAt } = message;
    this.#work.received.inc({ subscription, type });
    this.#work.inFlight.inc({ subscription });
    // The clocks of broker and service are two.
    if (enqueuedAt !== undefined)
      this.#work.age.observe({ subscription }, Math.max(0, Date.now() - enqueuedAt.getTime()) / 1000);
    return (disposition) => {
      this.#work.inFlight.dec({ subscription });
      this.#work.settled.inc({ subscription, type, disposition });
    };
  }

  /** @returns to be called when the handler has ended */
  handling(subscription: SubscriptionName, type: string): () => void {
    const end = this.#work.handled.startTimer({ subscription, type });
    return () => void end();
  }

  deadLettered(subscription: SubscriptionName, reason: DeadLetterOutcome): void {
    this.#work.deadLettered.inc({ subscription, reason });
  }

  rebuilt(subscription: SubscriptionName, reason: 'silent' | 'unreachable'): void {
    this.#work.rebuilt.inc({ subscription, reason });
  }

  /** An outcome that Event Hubs has stored. */
  told(outcome: Pick<Outcome, 'type' | 'data'>): void {
    const { type, data } = outcome;
    this.#publication.outcomes.inc({ type, reason: data.reason, severity: data.severity });
  }

  /** A batch of the stream that a reader has dealt with, the newest of it accepted at that time. */
  readFromStream(consumerGroup: string, newest: Date): void {
    const age = Math.max(0, Date.now() - newest.getTime()) / 1000;
    this.#work.outcomeAge.observe({ consumer_group: consumerGroup }, age);
  }

  /** Times a publication and counts its failure. */
  async publishing<T>(destination: Destination, publish: () => Promise<T>): Promise<T> {
    const end = this.#publication.published.startTimer({ destination });
    try {
      const result = await publish();
      end();
      return result;
    } catch (error) {
      const code = error instanceof MessagingError ? error.code : 'other';
      this.#publication.notPublished.inc({ destination, code });
      throw error;
    }
  }
}

function countsOfWork(registers: Registry[]) {
  return {
    received: new Counter({
      name: 'pratique_messages_received_total',
      help: 'Messages received from a subscription, each delivery counted',
      labelNames: onType,
      registers,
    }),
    settled: new Counter({
      name: 'pratique_messages_settled_total',
      help: 'Messages by what became of them',
      labelNames: [...onType, 'disposition'] as const,
      registers,
    }),
    deadLettered: new Counter({
      name: 'pratique_messages_dead_lettered_total',
      help: 'Messages given up, by reason',
      labelNames: [...onSubscription, 'reason'] as const,
      registers,
    }),
    rebuilt: new Counter({
      name: 'pratique_receiver_rebuilds_total',
      help: 'Times the watchdog replaced a link (silent) or a connection (unreachable)',
      labelNames: [...onSubscription, 'reason'] as const,
      registers,
    }),
    inFlight: new Gauge({
      name: 'pratique_messages_in_flight',
      help: 'Messages received and not settled yet',
      labelNames: onSubscription,
      registers,
    }),
  };
}

function timesOfWork(registers: Registry[]) {
  return {
    age: new Histogram({
      name: 'pratique_message_age_seconds',
      help: 'Time from the acceptance of a message by the broker to its receipt',
      labelNames: onSubscription,
      buckets: ageSeconds,
      registers,
    }),
    outcomeAge: new Histogram({
      name: 'pratique_outcome_age_seconds',
      help: 'Time from the acceptance of an outcome by Event Hubs to the moment its reader has dealt with it',
      labelNames: ['consumer_group'] as const,
      buckets: ageSeconds,
      registers,
    }),
    handled: new Histogram({
      name: 'pratique_message_handler_seconds',
      help: 'Time that handlers took, whatever came of it',
      labelNames: onType,
      buckets: workSeconds,
      registers,
    }),
  };
}

function publicationMetrics(registers: Registry[]) {
  return {
    published: new Histogram({
      name: 'pratique_publish_seconds',
      help: 'Time until the broker had accepted what was published',
      labelNames: ['destination'] as const,
      buckets: publishSeconds,
      registers,
    }),
    outcomes: new Counter({
      name: 'pratique_outcomes_total',
      help: 'Outcomes that Event Hubs has stored, by what happened and why',
      labelNames: ['type', 'reason', 'severity'] as const,
      registers,
    }),
    notPublished: new Counter({
      name: 'pratique_publish_failures_total',
      help: 'Publications that failed, by code',
      labelNames: ['destination', 'code'] as const,
      registers,
    }),
  };
}
