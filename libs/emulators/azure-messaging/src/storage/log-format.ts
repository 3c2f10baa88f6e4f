import { crc32 } from 'node:zlib';

import { JournalRecord } from '../engine/journal-record.js';
import type { JournalEntry } from './storage.js';

/**
 * The log: a header, then records. Header: 8 bytes of name and version, 4 bytes of salt. Record: marker, length of the body, checksum
 * of the body, body. Body: length of the JSON, JSON of the record and its payloads' lengths, payloads. All numbers are 32-bit big-endian.
 * Some bodies are marks instead: the JSON `{"safe": n}` says that the first n bytes of the log were on disk before the mark was written.
 * The salt begins every checksum, so that a message which contains the bytes of a record is never taken for one.
 */
const NAME = Buffer.from('PRATLOG2', 'latin1');
export const MARKER = Buffer.from([0xf5, 0x52, 0x45, 0x43]);
export const HEADER_BYTES = NAME.length + 4;
export const RECORD_HEAD_BYTES = 12;
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
  return encodeBody({ record, lengths: payloads.map(({ length }) => length) }, payloads, salt);
}

/** Says that the first `safe` bytes of the log are on disk: damage in them is no torn end. */
export function encodeMark(safe: number, salt: number): Buffer {
  return encodeBody({ safe }, [], salt);
}

/** One allocation and one copy of each payload: this is what a start and every accepted message spend their time on. */
function encodeBody(head: object, payloads: readonly Buffer[], salt: number): Buffer {
  const json = JSON.stringify(head);
  const jsonLength = Buffer.byteLength(json);
  const bodyLength = payloads.reduce((sum, { length }) => sum + length, 4 + jsonLength);
  const bytes = Buffer.allocUnsafe(RECORD_HEAD_BYTES + bodyLength);
  MARKER.copy(bytes);
  bytes.writeUInt32BE(bodyLength, MARKER.length);
  bytes.writeUInt32BE(jsonLength, RECORD_HEAD_BYTES);
  let at = RECORD_HEAD_BYTES + 4;
  at += bytes.write(json, at, 'utf8');
  for (const payload of payloads) at += payload.copy(bytes, at);
  bytes.writeUInt32BE(crc32(bytes.subarray(RECORD_HEAD_BYTES), salt), MARKER.length + 4);
  return bytes;
}

/** The length of a record by its head, whole or not; undefined when this is no head. */
export function recordLength(head: Buffer): number | undefined {
  if (head.length < RECORD_HEAD_BYTES || !head.subarray(0, MARKER.length).equals(MARKER)) return undefined;
  const length = head.readUInt32BE(MARKER.length);
  return length < 4 || length > MAX_BODY_BYTES ? undefined : RECORD_HEAD_BYTES + length;
}

/** A record or a mark. */
export type LogPiece = { readonly length: number } & (
  { readonly entry: JournalEntry } | { readonly safe: number }
);

/** The record or mark that these bytes begin with; undefined when there is no whole, undamaged one. */
export function decodePiece(bytes: Buffer, salt: number): LogPiece | undefined {
  const length = recordLength(bytes);
  if (length === undefined || length > bytes.length) return undefined;
  const body = bytes.subarray(RECORD_HEAD_BYTES, length);
  if (crc32(body, salt) !== bytes.readUInt32BE(MARKER.length + 4)) return undefined;
  return { ...decodeBody(body), length };
}

/** Payloads are copied out of the log, which is then free to go. */
function decodeBody(body: Buffer): { readonly entry: JournalEntry } | { readonly safe: number } {
  const jsonLength = body.readUInt32BE(0);
  const head = JSON.parse(body.toString('utf8', 4, 4 + jsonLength)) as
    { readonly record: unknown; readonly lengths: readonly number[] } | { readonly safe: number };
  if ('safe' in head) return head;
  let at = 4 + jsonLength;
  const payloads = head.lengths.map((length) => {
    at += length;
    return Buffer.from(body.subarray(at - length, at));
  });
  return { entry: { record: JournalRecord.parse(head.record), payloads } };
}
