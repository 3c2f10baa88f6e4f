import { AmqpError } from './amqp-error.js';

/** Bytes of the fixed-width types by the upper half of the type code (AMQP 1.0, part 1, section 1.2). */
const FIXED_WIDTHS: Readonly<Record<number, number>> = { 0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16 };
/** Bytes of the size field of the variable-width, compound and array types. */
const SIZE_WIDTHS: Readonly<Record<number, number>> = { 0xa: 1, 0xb: 4, 0xc: 1, 0xd: 4, 0xe: 1, 0xf: 4 };
/** All type codes of AMQP 1.0; a decoder that meets another one fails. */
const TYPE_CODES = new Set([
  ...[
    0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x60, 0x61, 0x70, 0x71,
    0x72, 0x73,
  ],
  ...[
    0x74, 0x80, 0x81, 0x82, 0x83, 0x84, 0x94, 0x98, 0xa0, 0xa1, 0xa3, 0xb0, 0xb1, 0xb3, 0xc0, 0xc1, 0xd0,
    0xd1, 0xe0,
  ],
  0xf0,
]);
const MAX_DESCRIPTORS = 4;
const MAX_DEPTH = 16;
const MAX_ARRAY_ITEMS = 10_000;

/** Where the encoded value that starts at `start` ends. Reads sizes only, never the contents. Throws AmqpError. */
export function valueEnd(bytes: Buffer, start: number, descriptors = 0): number {
  const code = byteAt(bytes, start);
  if (code === 0x00) {
    if (descriptors >= MAX_DESCRIPTORS) throw malformed('too many descriptors');
    const described = valueEnd(bytes, start + 1, descriptors + 1);
    return valueEnd(bytes, described, descriptors + 1);
  }
  if (!TYPE_CODES.has(code)) throw malformed(`unknown type code 0x${code.toString(16)}`);
  const fixed = FIXED_WIDTHS[code >> 4];
  const end = fixed === undefined ? variableEnd(bytes, start, code) : start + 1 + fixed;
  if (end > bytes.length) throw malformed('a value is longer than its frame');
  return end;
}

/** The bytes of the items of a list or map, whose encoding (without descriptor) starts at `start`. Throws AmqpError. */
export function compoundItems(bytes: Buffer, start: number): Buffer[] {
  const code = byteAt(bytes, start);
  if (code === 0x45) return [];
  const width = SIZE_WIDTHS[code >> 4];
  if (width === undefined || code >> 4 < 0xc || code >> 4 > 0xd) throw malformed('expected a list or a map');
  const end = valueEnd(bytes, start);
  const items: Buffer[] = [];
  for (let at = start + 1 + 2 * width; at < end;) {
    const next = valueEnd(bytes, at);
    items.push(bytes.subarray(at, next));
    at = next;
  }
  return items;
}

/**
 * Checks a whole encoded value, insides too, so that a general decoder can be let loose on it: no more items than bytes, no
 * deeper than any management request is. Returns its end. Throws AmqpError.
 */
export function checkValue(bytes: Buffer, start: number, depth = 0): number {
  if (depth > MAX_DEPTH) throw malformed('values are nested too deeply');
  const code = byteAt(bytes, start);
  const end = valueEnd(bytes, start);
  if (code === 0x00) return checkValue(bytes, valueEnd(bytes, start + 1), depth + 1);
  const family = code >> 4;
  if (family === 0xc || family === 0xd) checkCompound(bytes, { start, end, depth });
  if (family >= 0xe) checkArray(bytes, start);
  return end;
}

function checkCompound(bytes: Buffer, value: { start: number; end: number; depth: number }): void {
  const width = SIZE_WIDTHS[byteAt(bytes, value.start) >> 4] ?? 1;
  const count = bytes.readUIntBE(value.start + 1 + width, width);
  let items = 0;
  for (let at = value.start + 1 + 2 * width; at < value.end; items += 1)
    at = checkValue(bytes, at, value.depth + 1);
  if (items !== count) throw malformed('a list or map does not have the number of items it declares');
}

function checkArray(bytes: Buffer, start: number): void {
  const width = SIZE_WIDTHS[byteAt(bytes, start) >> 4] ?? 1;
  if (bytes.readUIntBE(start + 1 + width, width) > MAX_ARRAY_ITEMS) throw malformed('an array is too long');
}

function variableEnd(bytes: Buffer, start: number, code: number): number {
  const width = SIZE_WIDTHS[code >> 4] ?? 1;
  if (start + 1 + width > bytes.length) throw malformed('a value is cut off');
  return start + 1 + width + bytes.readUIntBE(start + 1, width);
}

function byteAt(bytes: Buffer, index: number): number {
  const byte = bytes[index];
  if (byte === undefined) throw malformed('a value is cut off');
  return byte;
}

function malformed(what: string): AmqpError {
  return new AmqpError('amqp:decode-error', `The message is not valid AMQP: ${what}.`);
}
