import { isServiceBusError, type ServiceBusReceiver } from '@azure/service-bus';
import { noAnswer } from './over-one-connection.js';
import { answerWithin } from './pause.js';
import type { SubscriptionLink } from './subscription-link.js';

// With each of them the broker had its time to answer, so by then the lock is about to end.
const mostLinks = 3;

/** The link that a receiver has at the moment. What is asked over one that turns out to be dead is asked over the next. */
export class CurrentLink {
  #successor = Promise.withResolvers<void>();

  constructor(
    private link: SubscriptionLink,
    private readonly options: { timeoutMs: number; stopping: AbortSignal },
  ) {}

  get(): SubscriptionLink {
    return this.link;
  }

  set(link: SubscriptionLink): void {
    this.link = link;
    this.#successor.resolve();
    this.#successor = Promise.withResolvers();
  }

  /** @throws MessagingError `no-answer` when there was none over several links, or what the broker answers */
  async ask<T>(operation: (receiver: ServiceBusReceiver) => Promise<T>): Promise<T> {
    for (let links = 0; links < mostLinks; links += 1) {
      const { link } = this;
      const answer = await this.#askOver(link, operation);
      if (answer !== undefined) return answer.value;
      await this.#replaced(link);
      if (this.link === link) break;
    }
    throw noAnswer(this.options.timeoutMs);
  }

  async #askOver<T>(
    link: SubscriptionLink,
    operation: (receiver: ServiceBusReceiver) => Promise<T>,
  ): Promise<{ value: T } | undefined> {
    try {
      return await link.ask(operation, this.options.timeoutMs);
    } catch (error) {
      // Somebody else found the connection dead and closed it meanwhile. What the broker itself has said stands.
      if (link.lost.aborted && !isServiceBusError(error)) return undefined;
      throw error;
    }
  }

  /** Whoever watches the link replaces it as soon as it is lost, unless the receiver stops. */
  async #replaced(link: SubscriptionLink): Promise<void> {
    if (this.link !== link) return;
    await answerWithin(this.options.timeoutMs, this.#successor.promise, this.options.stopping);
  }
}
