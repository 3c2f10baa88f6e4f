import { AmqpError } from './amqp-error.js';
import { compoundItems, valueEnd } from './amqp-scan.js';
import { decodeSimple, encodeValue } from './amqp-values.js';
import type { AmqpTyped } from './rhea-endpoints.js';

/** Descriptor codes of the message sections (AMQP 1.0, part 3, section 3.2). */
export const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
} as const;

/** Azure's limit for what is in front of the body. */
const MAX_HEAD_BYTES = 64 * 1024;

/** An encoded message taken apart: sections in front of the body with their descriptors, and the rest as it came. */
export interface MessageSections {
  readonly header?: Buffer;
  readonly messageAnnotations?: Buffer;
  readonly properties?: Buffer;
  readonly applicationProperties?: Buffer;
  /** Body and footer. */
  readonly rest: Buffer;
}

const HEAD_NAMES: Readonly<Record<number, keyof MessageSections | 'deliveryAnnotations'>> = {
  [SECTION.header]: 'header',
  [SECTION.deliveryAnnotations]: 'deliveryAnnotations',
  [SECTION.messageAnnotations]: 'messageAnnotations',
  [SECTION.properties]: 'properties',
  [SECTION.applicationProperties]: 'applicationProperties',
};

/** Takes a message apart without reading its body. Throws AmqpError when it is malformed or its head is too large. */
export function splitSections(encoded: Buffer): MessageSections {
  const head: Partial<Record<keyof MessageSections | 'deliveryAnnotations', Buffer>> = {};
  let at = 0;
  for (const section of sectionsOf(encoded)) {
    const name = HEAD_NAMES[section.code];
    if (name === undefined) break;
    head[name] = section.bytes;
    at += section.bytes.length;
  }
  if (at > MAX_HEAD_BYTES) {
    throw new AmqpError(
      'amqp:link:message-size-exceeded',
      `The message's properties take more than ${MAX_HEAD_BYTES} bytes.`,
    );
  }
  return { ...head, rest: encoded.subarray(at) };
}

/** The messages inside a batch (message format 0x80013700): one per data section. Throws AmqpError. */
export function splitBatch(envelope: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (const { code, bytes } of sectionsOf(envelope)) {
    if (code !== SECTION.data) continue;
    const value = decodeSimple(bytes.subarray(contentStart(bytes)))?.value;
    if (Buffer.isBuffer(value)) messages.push(value);
  }
  return messages;
}

/** The items of a composite section (header, properties) in the order of its fields; undefined where null. */
export function fieldsOf(section: Buffer | undefined): (AmqpTyped | undefined)[] {
  if (section === undefined) return [];
  return compoundItems(section, contentStart(section)).map((item) => {
    const typed = decodeSimple(item);
    return typed?.type.name === 'Null' ? undefined : typed;
  });
}

export interface MapEntry {
  readonly key: string;
  /** Key and value as they are encoded. */
  readonly bytes: Buffer;
  readonly value: Buffer;
}

/** The entries of a map section, values still encoded. */
export function entriesOf(section: Buffer | undefined): MapEntry[] {
  if (section === undefined) return [];
  const items = compoundItems(section, contentStart(section));
  const entries: MapEntry[] = [];
  for (let index = 0; index + 1 < items.length; index += 2) {
    const [key, value] = [items[index], items[index + 1]];
    if (key === undefined || value === undefined) break;
    entries.push({ key: String(decodeSimple(key)?.value), bytes: Buffer.concat([key, value]), value });
  }
  return entries;
}

/** A map section out of encoded entries; nothing when there are none. */
export function mapSection(code: number, entries: readonly Buffer[]): Buffer {
  return entries.length === 0
    ? Buffer.alloc(0)
    : compound({ code, typecode: 0xd1, count: 2 * entries.length }, entries);
}

/** A composite section out of encoded fields. */
export function listSection(code: number, fields: readonly Buffer[]): Buffer {
  return compound({ code, typecode: 0xd0, count: fields.length }, fields);
}

/** The encoded fields of a composite section. */
export function encodedFieldsOf(section: Buffer | undefined): Buffer[] {
  return section === undefined ? [] : compoundItems(section, contentStart(section));
}

export const ENCODED_NULL = encodeValue(null);

function compound(kind: { code: number; typecode: number; count: number }, items: readonly Buffer[]): Buffer {
  const size = items.reduce((sum, item) => sum + item.length, 0);
  const start = Buffer.alloc(12);
  start.writeUInt8(0x00, 0);
  start.writeUInt8(0x53, 1);
  start.writeUInt8(kind.code, 2);
  start.writeUInt8(kind.typecode, 3);
  start.writeUInt32BE(size + 4, 4);
  start.writeUInt32BE(kind.count, 8);
  return Buffer.concat([start, ...items]);
}

function* sectionsOf(encoded: Buffer): Generator<{ readonly code: number; readonly bytes: Buffer }> {
  for (let at = 0; at < encoded.length;) {
    const end = valueEnd(encoded, at);
    const bytes = encoded.subarray(at, end);
    yield { code: descriptorOf(bytes), bytes };
    at = end;
  }
}

function descriptorOf(section: Buffer): number {
  const code =
    section[0] === 0x00 ? decodeSimple(section.subarray(1, valueEnd(section, 1)))?.value : undefined;
  if (typeof code !== 'number') {
    throw new AmqpError(
      'amqp:decode-error',
      'The message is not valid AMQP: a section has no numeric descriptor.',
    );
  }
  return code;
}

function contentStart(section: Buffer): number {
  return valueEnd(section, 1);
}
