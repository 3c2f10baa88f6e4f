import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { LoggerService } from '@nestjs/common';
import type { RegistryEvent, SubscriptionName } from '@pratique/contracts';
import { applyDisposition, type SettledMessage } from './apply-disposition.js';
import type { MessagingClients } from './messaging-clients.js';
import { MessagingError } from './messaging-error.js';
import type { SettledAs } from './messaging-metrics.js';
import type { OutcomePublisher } from './outcome.publisher.js';
import { pause } from './pause.js';
import { brokerError } from './publishing.js';
import { attemptOf } from './redelivery.js';
import { type Disposition, settle, type WhatHappened } from './settle.js';
import type { SubscriptionReceiver } from './subscription-receiver.js';

export interface MessageSettlerOptions {
  subscription: SubscriptionName;
  clients: MessagingClients;
  outcomes: Pick<OutcomePublisher, 'publish'>;
  logger: LoggerService;
  receiver: Pick<SubscriptionReceiver, 'complete' | 'abandon' | 'deadLetter'>;
  /** Aborts when the service stops. */
  signal: AbortSignal;
  /** Resolves when the broker sends no more, at once while nobody has told it to stop. */
  drained: () => Promise<void>;
}

// While the broker refuses what must be sent before a message can be settled, the message is held for this long and
// then given back: giving it back at once would spend its delivery count within a second.
const holdBackMs = 30_000;

/** Settles messages by what happened to them. */
export class MessageSettler {
  constructor(private readonly options: MessageSettlerOptions) {}

  /** Never rejects. @returns what became of the message: `not-settled` when the broker did not take the decision */
  async settle(what: WhatHappened, settled: SettledMessage): Promise<SettledAs> {
    const { message } = settled;
    const { clients, subscription, logger } = this.options;
    const disposition = this.#decide(what, message);
    this.#log(disposition, settled);
    try {
      if (disposition.action === 'abandon') await this.options.drained();
      await applyDisposition(disposition, settled, this.options);
      if (disposition.action === 'dead-letter')
        clients.metrics.deadLettered(subscription, disposition.outcome);
      return disposition.action;
    } catch (error) {
      logger.warn({
        msg: 'A message could not be settled as decided and will be delivered again',
        messageId: message.messageId,
        disposition: disposition.action,
        error: brokerError(error),
      });
      await this.#giveBack(message, error);
      return 'not-settled';
    }
  }

  #decide(what: WhatHappened, message: ServiceBusReceivedMessage): Disposition {
    const { maxAttempts, ...backoff } = this.options.clients.settings.redelivery;
    return settle(what, { attempt: attemptOf(message), maxAttempts, backoff, random: Math.random() });
  }

  async #giveBack(message: ServiceBusReceivedMessage, error: unknown): Promise<void> {
    const { receiver, signal, drained, logger } = this.options;
    if (isRefusal(error)) await pause(holdBackMs, signal);
    try {
      // Also when the lock is lost and this fails: a delivery that is never settled stays in the SDK's window of 2048,
      // and once the window has moved on so far, the receiver gets nothing any more. Drained first, since a message that is
      // given back while the broker may still send to us comes straight back, and is counted again.
      await drained();
      await receiver.abandon(message);
    } catch (abandonError) {
      logger.debug?.({
        msg: 'A message could not be given back; its lock expires instead',
        messageId: message.messageId,
        error: brokerError(abandonError),
      });
    }
  }

  #log(disposition: Disposition, { message, event }: SettledMessage): void {
    if (disposition.action === 'complete') return;
    const { logger } = this.options;
    const fields = {
      messageId: message.messageId,
      attempt: attemptOf(message),
      ...eventFields(event),
      ...disposition,
    };
    if (disposition.action === 'dead-letter') {
      logger.error({ msg: 'A message is given up and dead-lettered', ...fields });
    } else {
      logger.warn({ msg: 'A message will be delivered again', ...fields });
    }
  }
}

function eventFields(event: RegistryEvent | undefined): object {
  return event === undefined ? {} : { eventId: event.id, type: event.type, subject: event.subject };
}

/** Whether a copy or an outcome was refused; else it is the settlement itself that failed, and waiting helps nobody. */
function isRefusal(error: unknown): boolean {
  return error instanceof MessagingError && error.code === 'not-published';
}
