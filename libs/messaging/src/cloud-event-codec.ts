import { maxCloudEventBytes } from '@pratique/contracts';
import { parseBoundedJson } from './bounded-json.js';
import { MessagingError } from './messaging-error.js';

/**
 * CloudEvents over AMQP in binary mode, both ways, for Service Bus and Event Hubs alike: the data is the body, the
 * attributes are application properties.
 *
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/amqp-protocol-binding.md#31-binary-content-mode
 */

/** What the two SDKs' messages have in common, under names of our own. */
export interface AmqpMessage {
  body: Buffer;
  contentType: string;
  messageId: string;
  correlationId: string;
  properties: Record<string, string>;
}

/** A message as a peer may have sent it: nothing is certain. */
export interface ReceivedAmqpMessage {
  body: unknown;
  contentType: string | undefined;
  properties: Readonly<Record<string, unknown>>;
}

/** An event with the attributes that all of ours have. */
export interface CloudEvent {
  id: string;
  type: string;
  datacontenttype: 'application/json';
  correlationid: string;
  traceparent?: string | undefined;
  data: object;
}

export type DecodedCloudEvent = { ok: true; event: Record<string, unknown> } | { ok: false; why: string };

// The binding allows `cloudEvents:` too; with the underscore a property can be named in a SQL filter.
const prefix = 'cloudEvents_';
const attributeProperty = /^cloudEvents[_:]([a-z0-9]+)$/;

/**
 * Where Azure's SDKs and Application Insights look for the trace, and what other consumers of the bus understand.
 * https://learn.microsoft.com/azure/service-bus-messaging/service-bus-end-to-end-tracing
 */
const diagnosticIdProperty = 'Diagnostic-Id';

/**
 * @throws MessagingError `too-large` for an event above 64 KiB, the size that CloudEvents promises to carry everywhere
 */
export function encodeCloudEvent(event: CloudEvent): AmqpMessage {
  const { data, ...attributes } = event;
  const body = Buffer.from(JSON.stringify(data));
  // The data stands in the event's own JSON once, in the place of a single digit.
  const around = Buffer.byteLength(JSON.stringify({ ...attributes, data: 0 })) - 1;
  refuseTooLarge(event, around + body.length);
  const properties: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (name !== 'datacontenttype' && typeof value === 'string') properties[`${prefix}${name}`] = value;
  }
  if (event.traceparent !== undefined) properties[diagnosticIdProperty] = event.traceparent;
  return {
    body,
    contentType: event.datacontenttype,
    messageId: event.id,
    correlationId: event.correlationid,
    properties,
  };
}

function refuseTooLarge({ type, id }: CloudEvent, bytes: number): void {
  if (bytes <= maxCloudEventBytes) return;
  throw new MessagingError(
    'too-large',
    `The event ${type} ${id} has ${bytes} bytes, more than the ${maxCloudEventBytes} that a message may have: put less into its details.`,
  );
}

/** Puts attributes and data together again. What comes out has the form of an event, and nothing of it is checked yet. */
export function decodeCloudEvent(message: ReceivedAmqpMessage): DecodedCloudEvent {
  if (!(message.body instanceof Uint8Array)) {
    return { ok: false, why: 'the body is not an AMQP data section' };
  }
  const data = parseBoundedJson(message.body, maxCloudEventBytes);
  if (!data.ok) return data;
  const datacontenttype = message.contentType?.split(';')[0]?.trim().toLowerCase();
  return { ok: true, event: { ...attributesOf(message.properties), datacontenttype, data: data.value } };
}

/** A loop, since it runs for every message: lists of entries take twice as long. */
function attributesOf(properties: ReceivedAmqpMessage['properties']): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (const property of Object.keys(properties)) {
    const name = attributeProperty.exec(property)?.[1];
    if (name !== undefined) attributes[name] = canonical(name, properties[property]);
  }
  return attributes;
}

/**
 * The binding lets a sender use AMQP's own types; receivers turn them into the canonical strings of CloudEvents. The
 * Service Bus SDK turns timestamps into milliseconds.
 */
function canonical(name: string, value: unknown): unknown {
  if (name === 'time' && (value instanceof Date || typeof value === 'number')) {
    const time = new Date(value);
    return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
