import { notReadable } from './unscannable-error.js';

/** What a PAX header says instead of the ordinary one. */
export interface PaxOverrides {
  path?: string;
  size?: number;
}

// Records that change what an entry is called, how long it is or what its bytes mean.
const meaningful = /^(?:path|linkpath|size|GNU\.sparse\..*)$/;

/**
 * Reads `length key=value\n`, over and over. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
 *
 * @throws UnscannableError where readers disagree: repeated or empty records, sparse files
 */
export function readPaxRecords(bytes: Buffer): PaxOverrides {
  const records = new Map<string, string>();
  for (const { key, value } of recordsIn(bytes)) {
    if (key.startsWith('GNU.sparse.')) throw notReadable('it holds a sparse file');
    if (records.has(key) || value === '' || value.includes('\0'))
      throw notReadable(`a PAX ${key} is ambiguous`);
    records.set(key, value);
  }
  const path = records.get('path');
  const size = records.get('size');
  return { ...(path !== undefined && { path }), ...(size !== undefined && { size: decimal(size) }) };
}

/** A global header would hold for all entries that follow; Go's reader ignores it, others do not. */
export function requireNoGlobalMeaning(bytes: Buffer): void {
  for (const { key } of recordsIn(bytes)) throw notReadable(`a global PAX header sets ${key}`);
}

/** The records that change what an entry is. Most headers hold nothing but times, so only the keys of the others are decoded. */
function* recordsIn(bytes: Buffer): Generator<{ key: string; value: string }> {
  for (let start = 0; start < bytes.length;) {
    const { keyStart, end } = recordAt(bytes, start);
    const equals = bytes.indexOf(equalsSign, keyStart);
    if (equals <= keyStart || equals >= end || bytes[end - 1] !== lineFeed) throw malformed();
    // The keys that matter are ASCII.
    const key = bytes.toString('latin1', keyStart, equals);
    if (meaningful.test(key)) yield { key, value: bytes.toString('utf8', equals + 1, end - 1) };
    start = end;
  }
}

const [space, digitZero, equalsSign, lineFeed] = [0x20, 0x30, 0x3d, 0x0a];
const mostDigits = 10;

/** Where the key of the record that begins at `start` begins, and where the record ends. */
function recordAt(bytes: Buffer, start: number): { keyStart: number; end: number } {
  let length = 0;
  let at = start;
  for (let digit = digitAt(bytes, at); digit !== undefined; digit = digitAt(bytes, at)) {
    length = length * 10 + digit;
    at += 1;
    if (length === 0 || at - start > mostDigits) throw malformed();
  }
  if (at === start || bytes[at] !== space || start + length > bytes.length) throw malformed();
  return { keyStart: at + 1, end: start + length };
}

function digitAt(bytes: Buffer, at: number): number | undefined {
  const digit = (bytes[at] ?? 0) - digitZero;
  return digit >= 0 && digit <= 9 ? digit : undefined;
}

function malformed(): Error {
  return notReadable('a PAX header is malformed');
}

function decimal(text: string): number {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw notReadable('a PAX header has an unreadable size');
  return value;
}
