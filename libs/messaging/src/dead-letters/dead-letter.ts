import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { readRegistryEvent } from '../read-event.js';
import { originalIdOf } from '../redelivery.js';

/** A message that a subscription has given up, for a person to look at. */
export interface DeadLetter {
  /** Names it within its subscription. */
  id: string;
  /** Its place in the queue, which no other dead letter of the subscription ever has. */
  sequenceNumber: string;
  /** The MessageId under which the event was published first. */
  originalId: string;
  /** A machine's word, as `dead-letter.unclassified` or Azure's `MaxDeliveryCountExceeded`. */
  reason: string | undefined;
  /** A sentence of whoever gave the message up. */
  description: string | undefined;
  /** When it entered the topic. */
  enqueuedAt: string | undefined;
  /** What the message says it is about; absent where it does not say so. */
  event: { type?: string; subject?: string; source?: string; id?: string };
  /** Why it is no registry event; absent when it is one. */
  violation?: string;
}

/** A dead letter with everything that is in it. */
export interface DeadLetterContent extends DeadLetter {
  contentType: string | undefined;
  properties: Record<string, unknown>;
  /** As text; what is no UTF-8 is shown in base64. */
  body: string;
}

const attributes = ['type', 'subject', 'source', 'id'] as const;

export function describeDeadLetter(message: ServiceBusReceivedMessage): DeadLetter {
  const reading = readRegistryEvent({
    body: message.body as unknown,
    contentType: message.contentType,
    properties: message.applicationProperties ?? {},
  });
  const event: DeadLetter['event'] = {};
  for (const attribute of attributes) {
    const value = message.applicationProperties?.[`cloudEvents_${attribute}`];
    if (typeof value === 'string') event[attribute] = value;
  }
  return {
    id: String(message.messageId),
    sequenceNumber: String(message.sequenceNumber),
    originalId: originalIdOf(message),
    reason: message.deadLetterReason,
    description: message.deadLetterErrorDescription,
    enqueuedAt: message.enqueuedTimeUtc?.toISOString(),
    event,
    ...(!reading.ok && { violation: reading.why }),
  };
}

export function readDeadLetter(message: ServiceBusReceivedMessage): DeadLetterContent {
  return {
    ...describeDeadLetter(message),
    contentType: message.contentType,
    properties: { ...message.applicationProperties },
    body: bodyText(message.body),
  };
}

function bodyText(body: unknown): string {
  if (!(body instanceof Uint8Array)) return typeof body === 'string' ? body : JSON.stringify(body ?? null);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return Buffer.from(body).toString('base64');
  }
}
