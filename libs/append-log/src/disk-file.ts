import { writeSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

import { systemErrorCode } from './system-error-code.js';

/** A file that only grows. */
export interface DiskFile {
  /** Gives the bytes to the operating system: from then on they survive the death of the process. Throws as node does. */
  write(bytes: Buffer): void;
  /** Resolves when what was written would survive a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Opens an empty file, in place of one that is there. A door for tests of faults, which give disks that fail. */
export type OpenDiskFile = (path: string) => Promise<DiskFile>;

export const openDiskFile: OpenDiskFile = async (path) => new RealFile(await open(path, 'w', 0o600));

/** A file that has become so long is busy enough to get room in advance. */
const BUSY_BYTES = 1024 * 1024;
const ROOM = Buffer.alloc(4 * 1024 * 1024);

/**
 * Writes zeros ahead of a busy file's end. A sync after a write into room that exists has only that write to bring to the disk; one
 * after a write that made the file longer waits for the file system's own journal too, and for everybody who uses it.
 */
class RealFile implements DiskFile {
  private size = 0;
  private roomUpTo = 0;

  constructor(private readonly handle: FileHandle) {}

  /** Synchronous, since it only copies into the page cache: the way through a thread would take longer than the copy. */
  write(bytes: Buffer): void {
    if (this.size > BUSY_BYTES && this.size + bytes.length > this.roomUpTo) this.makeRoom(bytes.length);
    for (let at = 0; at < bytes.length;) {
      const count = writeSync(this.handle.fd, bytes, at, bytes.length - at, this.size);
      at += count;
      this.size += count;
    }
  }

  async sync(): Promise<void> {
    await this.handle.datasync();
  }

  async close(): Promise<void> {
    try {
      if (this.roomUpTo > this.size) await this.handle.truncate(this.size);
    } finally {
      await this.handle.close();
    }
  }

  /** Room is a convenience: a disk that has none for it may still have enough for what is written. */
  private makeRoom(wanted: number): void {
    if (wanted > ROOM.length) return;
    try {
      this.roomUpTo = this.size + writeSync(this.handle.fd, ROOM, 0, ROOM.length, this.size);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOSPC') throw error;
    }
  }
}
