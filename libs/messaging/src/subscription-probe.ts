import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Probe } from './judge-probes.js';
import { noAnswer } from './over-one-connection.js';
import { answerWithin } from './pause.js';
import type { SubscriptionLink } from './subscription-link.js';

// One look must show more than what this receiver itself is working on; a header and properties are about 1 KiB each.
const mostPeeked = 250;

/** Looks at a subscription past the messages that its receiver works on. */
export class SubscriptionProbe {
  /** Sequence numbers of the messages that are being handled. */
  readonly #inFlight = new Set<string>();
  #received = 0;

  constructor(
    private readonly options: {
      /** Messages handed over at the same time. */
      capacity: number;
      timeoutMs: number;
      stopped: AbortSignal;
    },
  ) {}

  async track(message: ServiceBusReceivedMessage, handle: () => Promise<void>): Promise<void> {
    const sequenceNumber = String(message.sequenceNumber);
    this.#received += 1;
    this.#inFlight.add(sequenceNumber);
    await handle().finally(() => this.#inFlight.delete(sequenceNumber));
  }

  async look(link: SubscriptionLink): Promise<Probe> {
    const mine = new Set(this.#inFlight);
    const { messages = [], error } = await this.peek(link, Math.min(mine.size + 1, mostPeeked));
    return {
      answered: error === undefined,
      received: this.#received,
      hasRoom: this.#inFlight.size < this.options.capacity,
      waiting: messages
        .filter(({ state }) => state === 'active')
        .map(({ sequenceNumber }) => String(sequenceNumber))
        .filter((number) => !mine.has(number) && !this.#inFlight.has(number)),
    };
  }

  async peek(
    link: SubscriptionLink,
    count: number,
    timeoutMs = this.options.timeoutMs,
  ): Promise<{ messages?: ServiceBusReceivedMessage[]; error?: unknown }> {
    const { stopped } = this.options;
    const answer = link.peek(count).then(
      (messages) => ({ messages }),
      (error: unknown) => ({ error }),
    );
    const ended = AbortSignal.any([stopped, link.lost]);
    return (await answerWithin(timeoutMs, answer, ended)) ?? { error: noAnswer(timeoutMs) };
  }
}
