import {
  registryEventType,
  type RegistryEventType,
  type SubscriptionName,
  subscriptions,
} from '@pratique/contracts';
import { MessagingError } from './messaging-error.js';

/**
 * Refuses a handler that the subscription could not serve: found at start, rather than by a message that nobody gets.
 *
 * @throws MessagingError `wrong-handlers`
 */
export function checkHandler(
  subscription: SubscriptionName,
  handler: { pattern: unknown; isEventHandler: boolean; isTaken: boolean },
): void {
  const name = `The handler for "${String(handler.pattern)}" on the subscription ${subscription}`;
  if (!handler.isEventHandler) {
    throw wrong(`${name} is a @MessagePattern, but nobody waits for an answer: make it an @EventPattern.`);
  }
  if (!typesOf(subscription).includes(handler.pattern as RegistryEventType)) {
    throw wrong(
      `${name} would never be called: the subscription is sent ${typesOf(subscription).join(', ')}.`,
    );
  }
  if (handler.isTaken) {
    throw wrong(
      `${name} is the second one: a message is settled once, so let one handler call both pieces of code.`,
    );
  }
}

/**
 * Refuses a subscription that is sent something which nobody handles.
 *
 * @throws MessagingError `wrong-handlers`
 */
export function checkHandlers(subscription: SubscriptionName, patterns: readonly string[]): void {
  const missing = typesOf(subscription).filter((type) => !patterns.includes(type));
  if (missing.length > 0) {
    throw wrong(
      `The subscription ${subscription} is sent ${missing.join(', ')}, and no handler is there for it: add an @EventPattern with subscriptionTransport('${subscription}').`,
    );
  }
}

function typesOf(subscription: SubscriptionName): RegistryEventType[] {
  return subscriptions[subscription].map((name) => registryEventType[name]);
}

function wrong(message: string): MessagingError {
  return new MessagingError('wrong-handlers', message);
}
