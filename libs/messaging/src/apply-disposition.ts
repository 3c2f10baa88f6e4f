import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Outcome, RegistryEvent, SubscriptionName } from '@pratique/contracts';
import { contractViolationOutcome, type DeadLetter, givenUpOutcome, short } from './dead-letter-outcome.js';
import type { MessagingClients } from './messaging-clients.js';
import { attemptOf, originalIdOf, redeliveryOf } from './redelivery.js';
import type { Disposition } from './settle.js';
import type { SubscriptionReceiver } from './subscription-receiver.js';

export interface DispositionContext {
  subscription: SubscriptionName;
  clients: Pick<MessagingClients, 'topic'>;
  outcomes: { publish(outcome: Outcome, until: { signal: AbortSignal }): Promise<void> };
  /** Until when to try to publish the outcome of a dead letter: the message keeps its lock meanwhile. */
  signal: AbortSignal;
  receiver: Pick<SubscriptionReceiver, 'complete' | 'abandon' | 'deadLetter'>;
}

export interface SettledMessage {
  message: ServiceBusReceivedMessage;
  /** Absent when the message does not match its contract. */
  event: RegistryEvent | undefined;
}

/**
 * Does what {@link settle} decided. The message itself is settled last, so that a crash in between repeats the work
 * and loses nothing: the outcome and the copy have ids that are the same the second time.
 *
 * @throws MessagingError `not-published` when the outcome or the copy was not accepted; the message is not settled then
 */
export async function applyDisposition(
  disposition: Disposition,
  settled: SettledMessage,
  context: DispositionContext,
): Promise<void> {
  const { message } = settled;
  switch (disposition.action) {
    case 'complete':
      return context.receiver.complete(message);
    case 'abandon':
      return context.receiver.abandon(message);
    case 'redeliver':
      await sendCopy(message, disposition.delayMs, context);
      return context.receiver.complete(message);
    case 'dead-letter':
      await context.outcomes.publish(outcomeOf(disposition.why, settled, context), {
        signal: context.signal,
      });
      return context.receiver.deadLetter(message, {
        reason: disposition.outcome,
        description: short(disposition.why),
      });
    default:
      return disposition satisfies never;
  }
}

async function sendCopy(
  message: ServiceBusReceivedMessage,
  delayMs: number,
  { subscription, clients }: DispositionContext,
): Promise<void> {
  const at = new Date(Date.now() + delayMs);
  await clients.topic.send([redeliveryOf(message, { subscription, at })]);
}

function outcomeOf(
  why: string,
  { message, event }: SettledMessage,
  { subscription }: DispositionContext,
): Outcome {
  const letter: DeadLetter = {
    subscription,
    why,
    attempt: attemptOf(message),
    messageId: originalIdOf(message),
    at: new Date(),
  };
  return event === undefined ? contractViolationOutcome(letter) : givenUpOutcome(event, letter);
}
