/** A simple AMQP value as the engine sees it; binary, uuid and compound values never reach a filter. */
export type PropertyValue = string | number | bigint | boolean | Date | null;

export type SystemField =
  | 'contentType'
  | 'correlationId'
  | 'messageId'
  | 'replyTo'
  | 'replyToSessionId'
  | 'sessionId'
  | 'subject'
  | 'to';

/** What rules can look at. `enqueuedAt` and `sequenceNumber` are known only once the topic accepted the message. */
export interface FilterableMessage {
  readonly system: Readonly<Partial<Record<SystemField, PropertyValue>>>;
  readonly application: ReadonlyMap<string, PropertyValue>;
}

/** What the engine needs to know of a message; everything else stays inside the encoded bytes, unread. */
export interface MessageDescription extends FilterableMessage {
  readonly messageId: string;
  readonly timeToLiveMs?: number | undefined;
}

/** A message on its way in. `scheduledFor` is a Unix time in ms; one in the past means "now". */
export interface IncomingMessage {
  readonly encoded: Buffer;
  readonly description: MessageDescription;
  readonly scheduledFor?: number | undefined;
}

/** A message that a queue (a subscription, a queue or a dead-letter queue) holds until it is settled. */
export interface HeldMessage {
  readonly sequence: number;
  /** The number the topic gave it; its copies have numbers of their own. */
  readonly enqueuedSequence: number;
  readonly enqueuedAt: number;
  readonly messageId: string;
  readonly encoded: Buffer;
  readonly expiresAt?: number | undefined;
  readonly deadLetterSource?: string | undefined;
  /** Failed deliveries so far: 0 on the first delivery. */
  deliveryCount: number;
  /** Application properties that settlements added (dead-letter reason, properties to modify). */
  properties: Readonly<Record<string, PropertyValue>>;
}

/** A held message with the lock under which a receiver got it. */
export interface LockedMessage {
  readonly message: HeldMessage;
  /** Canonical UUID text, lower case. */
  readonly token: string;
  readonly lockedUntil: number;
}
