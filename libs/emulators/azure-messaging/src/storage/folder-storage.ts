import { randomInt } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import {
  lockFolder,
  LogFile,
  openDiskFile,
  type OpenDiskFile,
  type OpenedLog,
  StorageError,
} from '@pratique/append-log';

import type { Journal } from '../engine/journal.js';
import { encodeHeader, encodeMark, encodeRecord } from './log-format.js';
import { replayLog } from './log-reader.js';
import type { JournalEntry, Storage } from './storage.js';

const LOG = 'messages.log';
const NEW_LOG = 'messages.log.new';
/** Snapshot records are written in pieces of about this size. */
const WRITE_BYTES = 4 * 1024 * 1024;
const DEFAULT_COMPACT_BYTES = 64 * 1024 * 1024;
/** A log of so many times its snapshot is rewritten: each message is then copied about once in its life. */
const GROWTH = 2;

export interface FolderOptions {
  readonly folder: string;
  /** The log is rewritten when it has grown by this, and by twice what it holds. Default 64 MiB. */
  readonly compactBytes?: number | undefined;
  /** A door for tests of faults. */
  readonly openFile?: OpenDiskFile | undefined;
}

/**
 * Opens a folder as storage: one append-only log, compacted at every start and whenever it has grown enough. A torn end,
 * which nobody was told was accepted, is dropped; damage anywhere else is refused. Rejects with StorageError.
 */
export async function openFolderStorage(options: FolderOptions): Promise<Storage> {
  const { folder } = options;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new StorageError('unreadable', `The folder '${folder}' cannot be made.`, { cause });
  }
  return new FolderStorage(options, await lockFolder(folder));
}

class FolderStorage implements Storage {
  readonly journal: Journal;
  private readonly salt = randomInt(2 ** 32);
  private readonly path: string;
  private readonly compactBytes: number;
  private snapshot: () => Iterable<JournalEntry> = () => [];
  private log: LogFile | undefined;
  private compaction: Promise<void> | undefined;
  private compactAt = 0;

  constructor(
    private readonly options: FolderOptions,
    private readonly unlock: () => Promise<void>,
  ) {
    this.path = join(options.folder, LOG);
    this.compactBytes = options.compactBytes ?? DEFAULT_COMPACT_BYTES;
    this.journal = {
      append: (record, payloads = []) => {
        this.compactWhenDue();
        return this.opened().append(encodeRecord({ record, payloads }, this.salt));
      },
      note: (record, payloads = []) => this.opened().write(encodeRecord({ record, payloads }, this.salt)),
    };
  }

  replay(apply: (entry: JournalEntry) => void): void {
    replayLog(this.path, apply);
  }

  async begin(snapshot: () => Iterable<JournalEntry>): Promise<void> {
    this.snapshot = snapshot;
    try {
      const mark = (safe: number): Buffer => encodeMark(safe, this.salt);
      this.log = new LogFile(this.path, await this.writeSnapshot(), mark);
    } catch (cause) {
      const message = `'${this.path}' cannot be written. Make room on the disk, or choose another folder.`;
      throw new StorageError('write-failed', message, { cause });
    }
  }

  async close(): Promise<void> {
    try {
      await this.compaction;
      await this.log?.close();
    } finally {
      await this.unlock();
    }
  }

  private opened(): LogFile {
    if (this.log === undefined) throw new StorageError('unreadable', 'The journal is not open yet.');
    return this.log;
  }

  private compactWhenDue(): void {
    const log = this.opened();
    if (this.compaction !== undefined || log.bytes < this.compactAt) return;
    this.compaction = this.compact(log).finally(() => (this.compaction = undefined));
  }

  /** A disk that has no room for a second log leaves us the first one; it is tried again when that has doubled. */
  private async compact(log: LogFile): Promise<void> {
    try {
      await log.replaceBy(() => this.writeSnapshot());
    } catch {
      this.compactAt = log.bytes * GROWTH;
    }
  }

  /**
   * The old log stays until the new one is complete and on disk, so that a crash in between loses nothing. The snapshot is
   * written without a pause, so that it shows one moment.
   */
  private async writeSnapshot(): Promise<OpenedLog> {
    const newPath = join(this.options.folder, NEW_LOG);
    await rm(newPath, { force: true });
    const file = await (this.options.openFile ?? openDiskFile)(newPath);
    let size = 0;
    try {
      for (const piece of pieces(this.snapshot(), this.salt)) {
        file.write(piece);
        size += piece.length;
      }
      const mark = encodeMark(size, this.salt);
      file.write(mark);
      size += mark.length;
      await file.sync();
      await rename(newPath, this.path);
      this.compactAt = Math.max(this.compactBytes, size * GROWTH);
    } catch (error) {
      await file.close();
      await rm(newPath, { force: true });
      throw error;
    }
    await this.syncFolder();
    return { file, size };
  }

  /** A renamed file survives a power cut only when its folder is on disk too; without that, what follows might be lost. */
  private async syncFolder(): Promise<void> {
    try {
      const handle = await open(this.options.folder, 'r');
      await handle.sync().finally(() => handle.close());
    } catch (cause) {
      throw this.log?.fail(cause) ?? cause;
    }
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
