import type { ServiceBusMessage, ServiceBusReceivedMessage } from '@azure/service-bus';
import { deriveId, redeliverToProperty, type SubscriptionName } from '@pratique/contracts';

/**
 * A message that failed comes again as a scheduled copy on the topic, which only the subscription that failed takes.
 *
 * Abandoning instead would bring it back at once, and holding its lock would occupy a worker for as long as the delay.
 * A copy costs neither, and the delay may be hours.
 */

/** Application properties of a copy. */
export const redeliveryProperty = {
  /** How many copies there have been, this one included. */
  copy: 'pratique_redelivery',
  /** How many attempts were made before this copy was sent. */
  attempts: 'pratique_attempts',
  /** The MessageId of the message that was copied first. */
  originalId: 'pratique_original_id',
} as const;

/** The number of the attempt that this delivery is, from 1. */
export function attemptOf(message: ServiceBusReceivedMessage): number {
  return count(message, redeliveryProperty.attempts) + (message.deliveryCount ?? 0) + 1;
}

/** The MessageId under which the event was published. */
export function originalIdOf(message: ServiceBusReceivedMessage): string {
  const original = message.applicationProperties?.[redeliveryProperty.originalId];
  return typeof original === 'string' ? original : String(message.messageId);
}

/**
 * The copy that is to be delivered at `at`.
 *
 * Its id depends on the copy's number and not on the attempt's. A worker that crashes after it has sent the copy and
 * before it has completed the message is given the message again, as another attempt; what it then sends has the same
 * id, so the broker drops it and the message does not split in two.
 */
export function redeliveryOf(
  message: ServiceBusReceivedMessage,
  to: { subscription: SubscriptionName; at: Date },
): ServiceBusMessage {
  const copy = count(message, redeliveryProperty.copy) + 1;
  const originalId = originalIdOf(message);
  return {
    body: message.body as unknown,
    messageId: deriveId('redelivery', originalId, to.subscription, String(copy)),
    ...(message.contentType !== undefined && { contentType: message.contentType }),
    ...(message.correlationId !== undefined && { correlationId: message.correlationId }),
    ...(message.subject !== undefined && { subject: message.subject }),
    applicationProperties: {
      ...message.applicationProperties,
      [redeliverToProperty]: to.subscription,
      [redeliveryProperty.copy]: copy,
      [redeliveryProperty.attempts]: attemptOf(message),
      [redeliveryProperty.originalId]: originalId,
    },
    scheduledEnqueueTimeUtc: to.at,
  };
}

/** Anybody who may send could set these properties: whatever is not a count, counts as none. */
function count(message: ServiceBusReceivedMessage, property: string): number {
  const value = message.applicationProperties?.[property];
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
