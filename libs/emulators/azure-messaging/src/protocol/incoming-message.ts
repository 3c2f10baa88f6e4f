import { randomUUID } from 'node:crypto';

import type { IncomingMessage, MessageDescription, PropertyValue, SystemField } from '../engine/message.js';
import { decodeSimple, encodeValue, propertyValue } from './amqp-values.js';
import {
  encodedFieldsOf,
  entriesOf,
  fieldsOf,
  listSection,
  type MessageSections,
  SECTION,
  splitSections,
} from './message-sections.js';
import type { AmqpTyped } from './rhea-endpoints.js';

/** Places of the fields in the properties section (AMQP 1.0, part 3, section 3.2.4). */
const PROPERTY_INDEXES: Readonly<Record<SystemField, number>> = {
  messageId: 0,
  to: 2,
  subject: 3,
  replyTo: 4,
  correlationId: 5,
  contentType: 6,
  sessionId: 10,
  replyToSessionId: 12,
};
const HEADER_TTL = 2;

/**
 * Reads a message that a client sent. One without a message id gets one: the clients cannot settle a message that has
 * none. The bytes are copied, since the socket's read buffer would otherwise live as long as the message.
 * Throws AmqpError when it is malformed.
 */
export function readIncomingMessage(bytes: Buffer): IncomingMessage {
  const sections = splitSections(bytes);
  const encoded =
    fieldsOf(sections.properties)[0] === undefined ? withMessageId(sections) : Buffer.from(bytes);
  const complete = splitSections(encoded);
  return { encoded, description: describe(complete), scheduledFor: scheduledTime(complete) };
}

function withMessageId({
  header,
  messageAnnotations,
  properties,
  applicationProperties,
  rest,
}: MessageSections): Buffer {
  const named = listSection(SECTION.properties, [
    encodeValue(randomUUID()),
    ...encodedFieldsOf(properties).slice(1),
  ]);
  const parts = [header, messageAnnotations, named, applicationProperties, rest];
  return Buffer.concat(parts.filter((part) => part !== undefined));
}

function describe(sections: MessageSections): MessageDescription {
  const fields = fieldsOf(sections.properties);
  const system: Partial<Record<SystemField, PropertyValue>> = {};
  for (const [field, index] of Object.entries(PROPERTY_INDEXES) as [SystemField, number][]) {
    const typed = fields[index];
    const value = typed && identifier(typed);
    if (value !== undefined) system[field] = value;
  }
  const ttl = fieldsOf(sections.header)[HEADER_TTL]?.value;
  return {
    messageId: String(system.messageId),
    system,
    application: applicationProperties(sections),
    ...(typeof ttl === 'number' && { timeToLiveMs: ttl }),
  };
}

/** Ids may be binary; for rules and duplicate detection they count as their hexadecimal text. */
function identifier(typed: AmqpTyped): PropertyValue | undefined {
  return propertyValue(typed) ?? (Buffer.isBuffer(typed.value) ? typed.value.toString('hex') : undefined);
}

function applicationProperties(sections: MessageSections): Map<string, PropertyValue> {
  const properties = new Map<string, PropertyValue>();
  for (const { key, value } of entriesOf(sections.applicationProperties)) {
    const decoded = propertyValueOf(value);
    if (decoded !== undefined) properties.set(key, decoded);
  }
  return properties;
}

function scheduledTime(sections: MessageSections): number | undefined {
  const entry = entriesOf(sections.messageAnnotations).find(
    ({ key }) => key === 'x-opt-scheduled-enqueue-time',
  );
  const value = entry && propertyValueOf(entry.value);
  return value instanceof Date ? value.getTime() : undefined;
}

function propertyValueOf(encoded: Buffer): PropertyValue | undefined {
  const typed = decodeSimple(encoded);
  return typed && propertyValue(typed);
}
