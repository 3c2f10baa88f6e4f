import rhea from 'rhea';

import type { PropertyValue } from '../engine/message.js';
import type { AmqpTyped } from './rhea-endpoints.js';

/** rhea's encoder and decoder, typed as far as they are used here. */
interface Codec {
  readonly Reader: new (bytes: Buffer) => { read(): AmqpTyped };
  readonly Writer: new () => { write(value: unknown): void; toBuffer(): Buffer };
  wrap(value: unknown): AmqpTyped;
  unwrap(value: unknown): unknown;
  wrap_symbol(value: string): AmqpTyped;
  wrap_ulong(value: number): AmqpTyped;
  wrap_uint(value: number): AmqpTyped;
  wrap_int(value: number): AmqpTyped;
  wrap_long(value: number | Buffer): AmqpTyped;
  wrap_timestamp(value: number): AmqpTyped;
  wrap_uuid(value: Buffer): AmqpTyped;
  wrap_array(values: readonly unknown[], typecode: number): AmqpTyped;
  wrap_symbolic_map(values: object): AmqpTyped;
  described(descriptor: AmqpTyped, value: AmqpTyped): AmqpTyped;
  define_composite(definition: object): { create(fields: object): unknown };
}

export const codec = rhea.types as unknown as Codec;

const TYPE_CODES = { long: 0x81, timestamp: 0x83 } as const;

/** An array of longs or timestamps, as management replies carry them. */
export function typedArray(type: keyof typeof TYPE_CODES, values: readonly number[]): AmqpTyped {
  return codec.wrap_array(values, TYPE_CODES[type]);
}

/** The bytes of one value. */
export function encodeValue(value: unknown): Buffer {
  const writer = new codec.Writer();
  writer.write(codec.wrap(value));
  return writer.toBuffer();
}

/** Decodes a value that checkValue has passed. */
export function decodeValue(bytes: Buffer): AmqpTyped {
  return new codec.Reader(bytes).read();
}

/** Decodes a value of a simple type; undefined for described, compound and array values, which are never looked into. */
export function decodeSimple(bytes: Buffer): AmqpTyped | undefined {
  const code = bytes[0] ?? 0;
  return code === 0x00 || code >> 4 >= 0xc ? undefined : decodeValue(bytes);
}

/** What a filter can see of a value: simple ones as themselves, uuids as text; binary and compound values as nothing. */
export function propertyValue(typed: AmqpTyped): PropertyValue | undefined {
  const { value, type } = typed;
  if (type.name === 'Uuid' && Buffer.isBuffer(value)) return uuidText(value);
  if (Buffer.isBuffer(value)) return bigInteger(type.name, value);
  if (type.name === 'Boolean') return value === 1;
  const simple =
    value === null || value instanceof Date || ['string', 'number', 'boolean'].includes(typeof value);
  return simple ? (value as PropertyValue) : undefined;
}

/** The encodable form of a property value. */
export function amqpValue(value: PropertyValue): AmqpTyped {
  if (typeof value === 'bigint') {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt.asIntN(64, value));
    return codec.wrap_long(bytes);
  }
  return codec.wrap(value);
}

/** A whole number out of a decoded request: rhea gives longs above 2^53 as 8 bytes. */
export function wholeNumber(value: unknown): number | undefined {
  if (Buffer.isBuffer(value) && value.length === 8) return Number(value.readBigInt64BE());
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

export function uuidText(bytes: Buffer): string {
  return rhea.uuid_to_string(bytes);
}

/** rhea hands out 64-bit integers that a double cannot hold as their 8 bytes. */
function bigInteger(typeName: string, bytes: Buffer): bigint | undefined {
  if (typeName === 'Long') return bytes.readBigInt64BE();
  return typeName === 'Ulong' ? bytes.readBigUInt64BE() : undefined;
}
