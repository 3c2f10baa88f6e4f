import type { ServiceBusMessage, ServiceBusReceivedMessage } from '@azure/service-bus';
import { deriveId, type SubscriptionName } from '@pratique/contracts';
import { redeliveryOf, redeliveryProperty } from '../redelivery.js';

/** What the broker writes into a message when it is dead-lettered, and the attempts that came before. */
const forgotten: readonly string[] = [
  'DeadLetterReason',
  'DeadLetterErrorDescription',
  redeliveryProperty.attempts,
];

/**
 * The message that brings a dead letter back to the one subscription that gave it up.
 *
 * The event in it is the same, with the same id, so that whatever part of its work was done is not done again. Its
 * attempts begin anew. The MessageId is derived: should the sender crash before the dead letter is completed and do it
 * again, the broker drops the double. The count of copies goes on, so that no later copy of this message has the id
 * of one that was sent before.
 */
export function replayOf(
  message: ServiceBusReceivedMessage,
  subscription: SubscriptionName,
): ServiceBusMessage {
  const { scheduledEnqueueTimeUtc: _now, ...copy } = redeliveryOf(message, { subscription, at: new Date() });
  const kept = Object.entries(copy.applicationProperties ?? {}).filter(([name]) => !forgotten.includes(name));
  const properties = Object.fromEntries(kept);
  const originalId = String(properties[redeliveryProperty.originalId]);
  const number = String(properties[redeliveryProperty.copy]);
  return {
    ...copy,
    messageId: deriveId('replay', originalId, subscription, number),
    applicationProperties: properties,
  };
}
