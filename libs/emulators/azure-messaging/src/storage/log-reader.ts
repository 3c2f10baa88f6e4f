import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { StorageError, systemErrorCode } from '@pratique/append-log';

import {
  decodeHeader,
  decodePiece,
  HEADER_BYTES,
  type LogPiece,
  MARKER,
  RECORD_HEAD_BYTES,
  recordLength,
} from './log-format.js';
import type { JournalEntry } from './storage.js';

/** Read at once; only a record that is larger takes more memory. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/**
 * Gives the records of a log to `apply`, oldest first, without holding the file in memory. A torn end is left out, which nobody was
 * told is safe: of what was written together and never synced, a power cut may keep a later piece and lose an earlier one. A missing
 * or empty file has no records. Throws StorageError `damaged` when something safe is damaged, `unreadable` otherwise.
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
  for (let next = pieceAt(log, at, salt); next !== undefined; next = pieceAt(log, at, salt)) {
    if ('entry' in next) apply(next.entry);
    at += next.length;
  }
  if (!wasSafe(log, at, salt)) return;
  throw new StorageError(
    'damaged',
    `'${path}' is damaged from byte ${at} on, in messages that were accepted. ` +
      'Restore the folder from a copy, or move it away to begin empty.',
  );
}

function pieceAt(log: LogWindow, at: number, salt: number): LogPiece | undefined {
  const length = recordLength(log.view(at, RECORD_HEAD_BYTES));
  if (length === undefined || at + length > log.size) return undefined;
  return decodePiece(log.view(at, length), salt);
}

/** Whether a mark after some damage says that the place was on disk once. */
function wasSafe(log: LogWindow, from: number, salt: number): boolean {
  for (let start = from; start < log.size; start += WINDOW_BYTES) {
    // Overlaps with the next window, for a marker that lies across both.
    const bytes = Buffer.from(log.view(start, Math.min(WINDOW_BYTES + MARKER.length - 1, log.size - start)));
    for (let at = bytes.indexOf(MARKER); at !== -1; at = bytes.indexOf(MARKER, at + 1)) {
      const piece = pieceAt(log, start + at, salt);
      if (piece !== undefined && 'safe' in piece && piece.safe > from) return true;
    }
  }
  return false;
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
