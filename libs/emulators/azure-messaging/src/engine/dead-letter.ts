import type { HeldMessage, PropertyValue } from './message.js';

type Properties = Readonly<Record<string, PropertyValue>>;

export interface DeadLetterReason {
  readonly reason?: string | undefined;
  readonly description?: string | undefined;
  /** Further application properties to set. */
  readonly properties?: Properties;
}

/** Azure's own words for a message that failed too often. */
export function deliveriesUsedUp(maxDeliveryCount: number): DeadLetterReason {
  return {
    reason: 'MaxDeliveryCountExceeded',
    description: `Message could not be consumed after ${maxDeliveryCount} delivery attempts.`,
  };
}

/** The properties that a message gets when it is dead-lettered. */
export function deadLetterProperties(message: HeldMessage, why: DeadLetterReason): Properties {
  return {
    ...message.properties,
    ...why.properties,
    ...(why.reason !== undefined && { DeadLetterReason: why.reason }),
    ...(why.description !== undefined && { DeadLetterErrorDescription: why.description }),
  };
}

/** The message as the dead-letter queue holds it: same number, never expiring. */
export function asDeadLetter(message: HeldMessage, source: string, properties: Properties): HeldMessage {
  return { ...message, properties, expiresAt: undefined, deadLetterSource: source };
}
