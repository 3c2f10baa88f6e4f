import { randomInt } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Journal } from '../engine/journal.js';
import { lockFolder } from './folder-lock.js';
import {
  decodeHeader,
  decodeRecord,
  encodeHeader,
  encodeRecord,
  findRecord,
  HEADER_BYTES,
} from './log-format.js';
import { LogFile } from './log-file.js';
import { StorageError } from './storage-error.js';
import type { JournalEntry, Storage } from './storage.js';
import { systemErrorCode } from './system-error-code.js';

const LOG = 'messages.log';
const NEW_LOG = 'messages.log.new';
/** Snapshot records are written in pieces of about this size. */
const WRITE_BYTES = 4 * 1024 * 1024;

/**
 * Opens a folder as storage: one append-only log, compacted at every start. A torn last record, which nobody was told
 * was accepted, is dropped; damage anywhere else is refused. Rejects with StorageError.
 */
export async function openFolderStorage(folder: string): Promise<Storage> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new StorageError('unreadable', `The folder '${folder}' cannot be made.`, { cause });
  }
  const unlock = await lockFolder(folder);
  try {
    const bytes = await readLog(join(folder, LOG));
    return new FolderStorage(folder, bytes, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

class FolderStorage implements Storage {
  readonly journal: Journal;
  private readonly salt = randomInt(2 ** 32);
  private log: LogFile | undefined;

  constructor(
    private readonly folder: string,
    private kept: Buffer | undefined,
    private readonly unlock: () => Promise<void>,
  ) {
    this.journal = {
      append: (record, payloads = []) => this.opened().append(encodeRecord({ record, payloads }, this.salt)),
      note: (record, payloads = []) => this.opened().write(encodeRecord({ record, payloads }, this.salt)),
    };
  }

  replay(apply: (entry: JournalEntry) => void): void {
    if (this.kept !== undefined) replayLog(this.kept, join(this.folder, LOG), apply);
    this.kept = undefined;
  }

  /** The old log stays until the new one is complete and on disk, so that a crash in between loses nothing. */
  async begin(snapshot: Iterable<JournalEntry>): Promise<void> {
    const [path, newPath] = [join(this.folder, LOG), join(this.folder, NEW_LOG)];
    await rm(newPath, { force: true });
    const log = await LogFile.open(newPath);
    this.log = log;
    for (const piece of pieces(snapshot, this.salt)) await log.append(piece);
    await rename(newPath, path);
    await syncFolder(this.folder);
  }

  async close(): Promise<void> {
    await this.log?.close();
    await this.unlock();
  }

  private opened(): LogFile {
    if (this.log === undefined) throw new StorageError('unreadable', 'The journal is not open yet.');
    return this.log;
  }
}

function* pieces(snapshot: Iterable<JournalEntry>, salt: number): Generator<Buffer> {
  let parts = [encodeHeader(salt)];
  let size = 0;
  for (const entry of snapshot) {
    const encoded = encodeRecord(entry, salt);
    parts.push(encoded);
    size += encoded.length;
    if (size < WRITE_BYTES) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  yield Buffer.concat(parts);
}

function replayLog(log: Buffer, path: string, apply: (entry: JournalEntry) => void): void {
  const salt = decodeHeader(log);
  if (salt === undefined) {
    throw new StorageError(
      'unreadable',
      `'${path}' is not a log of this emulator. Move it away or choose another folder.`,
    );
  }
  let at = HEADER_BYTES;
  for (let next = decodeRecord(log, at, salt); next !== undefined; next = decodeRecord(log, at, salt)) {
    apply(next.entry);
    at = next.end;
  }
  const later = findRecord(log, at, salt);
  if (later === undefined) return;
  throw new StorageError(
    'damaged',
    `'${path}' is damaged between bytes ${at} and ${later}, and accepted messages follow. ` +
      'Restore the folder from a copy, or move it away to begin empty.',
  );
}

async function readLog(path: string): Promise<Buffer | undefined> {
  try {
    const bytes = await readFile(path);
    return bytes.length === 0 ? undefined : bytes;
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') return undefined;
    throw new StorageError('unreadable', `'${path}' cannot be read.`, { cause });
  }
}

/** A renamed file survives a power cut only when its folder is on disk too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
