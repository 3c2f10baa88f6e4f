import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { StorageError, systemErrorCode } from '@pratique/append-log';

import {
  decodeHeader,
  decodeRecord,
  HEADER_BYTES,
  MARKER,
  RECORD_HEAD_BYTES,
  recordLength,
} from './log-format.js';
import type { JournalEntry } from './storage.js';

/** Read at once; only a record that is larger takes more memory. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/**
 * Gives the records of a log to `apply`, oldest first, without holding the file in memory. A torn last record is left out. A
 * missing or empty file has none. Throws StorageError `damaged` when records follow a damaged one, `unreadable` otherwise.
 */
export function replayLog(path: string, apply: (entry: JournalEntry) => void): void {
  const descriptor = openExisting(path);
  if (descriptor === undefined) return;
  try {
    const log = new LogWindow(descriptor);
    if (log.size > 0) replayRecords(log, path, apply);
  } finally {
    closeSync(descriptor);
  }
}

function replayRecords(log: LogWindow, path: string, apply: (entry: JournalEntry) => void): void {
  const salt = decodeHeader(log.view(0, HEADER_BYTES));
  if (salt === undefined) {
    throw new StorageError(
      'unreadable',
      `'${path}' is not a log of this emulator. Move it away or choose another folder.`,
    );
  }
  let at = HEADER_BYTES;
  for (let next = recordAt(log, at, salt); next !== undefined; next = recordAt(log, at, salt)) {
    apply(next.entry);
    at += next.length;
  }
  const later = findRecord(log, at, salt);
  if (later === undefined) return;
  throw new StorageError(
    'damaged',
    `'${path}' is damaged between bytes ${at} and ${later}, and accepted messages follow. ` +
      'Restore the folder from a copy, or move it away to begin empty.',
  );
}

function recordAt(log: LogWindow, at: number, salt: number): ReturnType<typeof decodeRecord> {
  const length = recordLength(log.view(at, RECORD_HEAD_BYTES));
  if (length === undefined || at + length > log.size) return undefined;
  return decodeRecord(log.view(at, length), salt);
}

/** Where the next undamaged record begins after some damage, if there is one. */
function findRecord(log: LogWindow, from: number, salt: number): number | undefined {
  for (let start = from; start < log.size; start += WINDOW_BYTES) {
    // Overlaps with the next window, for a marker that lies across both.
    const bytes = Buffer.from(log.view(start, Math.min(WINDOW_BYTES + MARKER.length - 1, log.size - start)));
    for (let at = bytes.indexOf(MARKER); at !== -1; at = bytes.indexOf(MARKER, at + 1)) {
      if (recordAt(log, start + at, salt) !== undefined) return start + at;
    }
  }
  return undefined;
}

/** The part of a file that is in memory. */
class LogWindow {
  readonly size: number;
  private bytes = Buffer.alloc(0);
  private start = 0;

  constructor(private readonly descriptor: number) {
    this.size = fstatSync(descriptor).size;
  }

  /** The bytes from `at`, fewer at the end of the file; good until the next call. */
  view(at: number, length: number): Buffer {
    const within = at >= this.start && at + length <= this.start + this.bytes.length;
    if (!within) this.load(at, Math.max(length, WINDOW_BYTES));
    return this.bytes.subarray(at - this.start, at - this.start + length);
  }

  private load(at: number, length: number): void {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.size - at)));
    for (let done = 0; done < bytes.length;) {
      const count = readSync(this.descriptor, bytes, done, bytes.length - done, at + done);
      if (count === 0) throw new StorageError('unreadable', 'The log became shorter while it was read.');
      done += count;
    }
    this.bytes = bytes;
    this.start = at;
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') return undefined;
    throw new StorageError('unreadable', `'${path}' cannot be read.`, { cause });
  }
}
