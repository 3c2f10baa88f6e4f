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

/** The records that change what an entry is. */
function* recordsIn(bytes: Buffer): Generator<{ key: string; value: string }> {
  for (let rest = bytes; rest.length > 0;) {
    const { length, ...record } = nextRecord(rest);
    rest = rest.subarray(length);
    if (meaningful.test(record.key)) yield record;
  }
}

function nextRecord(bytes: Buffer): { key: string; value: string; length: number } {
  const digits = /^([1-9][0-9]{0,9}) /.exec(bytes.toString('latin1', 0, 12))?.[1];
  const length = Number(digits);
  const record = bytes.subarray((digits?.length ?? 0) + 1, length);
  const equals = record.indexOf('=');
  if (digits === undefined || length > bytes.length || record.at(-1) !== 0x0a || equals < 1) {
    throw notReadable('a PAX header is malformed');
  }
  return {
    key: record.toString('utf8', 0, equals),
    value: record.toString('utf8', equals + 1, record.length - 1),
    length,
  };
}

function decimal(text: string): number {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw notReadable('a PAX header has an unreadable size');
  return value;
}
