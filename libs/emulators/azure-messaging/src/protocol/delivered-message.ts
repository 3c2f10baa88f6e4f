import type { HeldMessage, PropertyValue } from '../engine/message.js';
import type { HubEvent } from '../engine/event-log.js';
import { amqpValue, codec, encodeValue } from './amqp-values.js';
import {
  ENCODED_NULL,
  encodedFieldsOf,
  entriesOf,
  listSection,
  mapSection,
  SECTION,
  splitSections,
} from './message-sections.js';

/** Annotations that only the broker sets; whatever the sender put there is dropped. */
const BROKER_ANNOTATIONS = new Set([
  'x-opt-deadletter-source',
  'x-opt-enqueue-sequence-number',
  'x-opt-enqueued-time',
  'x-opt-locked-until',
  'x-opt-message-state',
  'x-opt-offset',
  'x-opt-sequence-number',
]);
const HEADER_FIELDS = 5;
const HEADER_DELIVERY_COUNT = 4;

export const MESSAGE_STATE = { active: 0, scheduled: 2 } as const;

export interface DeliveryDetails {
  /** Unix ms; undefined outside a lock. */
  readonly lockedUntil?: number;
  readonly state?: number;
}

/** The bytes of a held message for a receiver: body and properties untouched, header and annotations the broker's. */
export function deliveredMessage(message: HeldMessage, details: DeliveryDetails = {}): Buffer {
  const { header, messageAnnotations, properties, applicationProperties, rest } = splitSections(
    message.encoded,
  );
  const annotations = {
    'x-opt-enqueued-time': codec.wrap_timestamp(message.enqueuedAt),
    'x-opt-sequence-number': codec.wrap_long(message.sequence),
    'x-opt-enqueue-sequence-number': codec.wrap_long(message.enqueuedSequence),
    'x-opt-message-state': codec.wrap_int(details.state ?? MESSAGE_STATE.active),
    ...(details.lockedUntil !== undefined && {
      'x-opt-locked-until': codec.wrap_timestamp(details.lockedUntil),
    }),
    ...(message.deadLetterSource !== undefined && { 'x-opt-deadletter-source': message.deadLetterSource }),
  };
  return Buffer.concat([
    headerWith(header, message.deliveryCount),
    annotated(messageAnnotations, annotations),
    properties ?? Buffer.alloc(0),
    withProperties(applicationProperties, message.properties),
    rest,
  ]);
}

/** The bytes of an event for a receiver. `runtimeInfo` goes into the delivery annotations, where the clients look for it. */
export function deliveredEvent(event: HubEvent, runtimeInfo: Readonly<Record<string, unknown>> = {}): Buffer {
  const { header, messageAnnotations, properties, applicationProperties, rest } = splitSections(
    event.encoded,
  );
  const annotations = {
    'x-opt-sequence-number': codec.wrap_long(event.sequence),
    'x-opt-offset': String(event.offset),
    'x-opt-enqueued-time': codec.wrap_timestamp(event.enqueuedAt),
    ...(event.partitionKey !== undefined && { 'x-opt-partition-key': event.partitionKey }),
  };
  const parts = [
    header,
    mapSection(SECTION.deliveryAnnotations, encodedEntries(runtimeInfo)),
    annotated(messageAnnotations, annotations),
    properties,
    applicationProperties,
    rest,
  ];
  return Buffer.concat(parts.filter((part) => part !== undefined));
}

function headerWith(header: Buffer | undefined, deliveryCount: number): Buffer {
  const fields = encodedFieldsOf(header);
  const kept = Array.from({ length: HEADER_FIELDS - 1 }, (_, index) => fields[index] ?? ENCODED_NULL);
  kept[HEADER_DELIVERY_COUNT] = encodeValue(codec.wrap_uint(deliveryCount));
  return listSection(SECTION.header, kept);
}

function annotated(section: Buffer | undefined, own: Readonly<Record<string, unknown>>): Buffer {
  const kept = entriesOf(section).filter(
    ({ key }) => !BROKER_ANNOTATIONS.has(key) && !Object.hasOwn(own, key),
  );
  return mapSection(SECTION.messageAnnotations, [...kept.map(({ bytes }) => bytes), ...encodedEntries(own)]);
}

function encodedEntries(values: Readonly<Record<string, unknown>>): Buffer[] {
  return Object.entries(values).map(([key, value]) =>
    Buffer.concat([encodeValue(codec.wrap_symbol(key)), encodeValue(value)]),
  );
}

function withProperties(section: Buffer | undefined, added: Readonly<Record<string, PropertyValue>>): Buffer {
  const names = Object.keys(added);
  if (names.length === 0) return section ?? Buffer.alloc(0);
  const kept = entriesOf(section).filter(({ key }) => !Object.hasOwn(added, key));
  const entries = names.map((name) =>
    Buffer.concat([encodeValue(name), encodeValue(amqpValue(added[name] ?? null))]),
  );
  return mapSection(SECTION.applicationProperties, [...kept.map(({ bytes }) => bytes), ...entries]);
}
