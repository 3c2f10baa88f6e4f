import { crc32 } from 'node:zlib';

import { JournalRecord } from '../engine/journal-record.js';
import type { JournalEntry } from './storage.js';

/**
 * The log: a header, then records. Header: 8 bytes of name and version, 4 bytes of salt. Record: marker, length of the body, checksum
 * of the body, body. Body: length of the JSON, JSON of the record and its payloads' lengths, payloads. All numbers are 32-bit big-endian.
 * The salt begins every checksum, so that a message which contains the bytes of a record is never taken for one.
 */
const NAME = Buffer.from('PRATLOG1', 'latin1');
const MARKER = Buffer.from([0xf5, 0x52, 0x45, 0x43]);
export const HEADER_BYTES = NAME.length + 4;
const RECORD_HEAD_BYTES = 12;
/** A batch has 1 MiB; only the snapshot of a long duplicate history comes near this. */
const MAX_BODY_BYTES = 512 * 1024 * 1024;

export function encodeHeader(salt: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  NAME.copy(header);
  header.writeUInt32BE(salt, NAME.length);
  return header;
}

/** The salt; undefined when these are not the first bytes of a log. */
export function decodeHeader(bytes: Buffer): number | undefined {
  const isLog = bytes.length >= HEADER_BYTES && bytes.subarray(0, NAME.length).equals(NAME);
  return isLog ? bytes.readUInt32BE(NAME.length) : undefined;
}

export function encodeRecord({ record, payloads }: JournalEntry, salt: number): Buffer {
  const json = Buffer.from(JSON.stringify({ record, lengths: payloads.map(({ length }) => length) }));
  const jsonLength = Buffer.alloc(4);
  jsonLength.writeUInt32BE(json.length);
  const body = Buffer.concat([jsonLength, json, ...payloads]);
  const head = Buffer.alloc(RECORD_HEAD_BYTES);
  MARKER.copy(head);
  head.writeUInt32BE(body.length, MARKER.length);
  head.writeUInt32BE(crc32(body, salt), MARKER.length + 4);
  return Buffer.concat([head, body]);
}

/** The record at an offset and where it ends; undefined when there is no whole, undamaged record. */
export function decodeRecord(
  log: Buffer,
  at: number,
  salt: number,
): { readonly entry: JournalEntry; readonly end: number } | undefined {
  const start = at + RECORD_HEAD_BYTES;
  if (start > log.length || !log.subarray(at, at + MARKER.length).equals(MARKER)) return undefined;
  const length = log.readUInt32BE(at + MARKER.length);
  const end = start + length;
  if (length < 4 || length > MAX_BODY_BYTES || end > log.length) return undefined;
  const body = log.subarray(start, end);
  if (crc32(body, salt) !== log.readUInt32BE(at + MARKER.length + 4)) return undefined;
  return { entry: decodeBody(body), end };
}

/** Where the next undamaged record begins after some damage, if there is one. */
export function findRecord(log: Buffer, from: number, salt: number): number | undefined {
  for (let at = log.indexOf(MARKER, from); at !== -1; at = log.indexOf(MARKER, at + 1)) {
    if (decodeRecord(log, at, salt) !== undefined) return at;
  }
  return undefined;
}

/** Payloads are copied out of the log, which is then free to go. */
function decodeBody(body: Buffer): JournalEntry {
  const jsonLength = body.readUInt32BE(0);
  const { record, lengths } = JSON.parse(body.toString('utf8', 4, 4 + jsonLength)) as {
    readonly record: unknown;
    readonly lengths: readonly number[];
  };
  let at = 4 + jsonLength;
  const payloads = lengths.map((length) => {
    at += length;
    return Buffer.from(body.subarray(at - length, at));
  });
  return { record: JournalRecord.parse(record), payloads };
}
