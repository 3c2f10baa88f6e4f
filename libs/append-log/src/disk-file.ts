import { writeSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** A file that only grows. */
export interface DiskFile {
  /** Gives the bytes to the operating system: from then on they survive the death of the process. Throws as node does. */
  write(bytes: Buffer): void;
  /** Resolves when what was written would survive a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file for appending; makes it when it is missing. A door for tests of faults, which give disks that fail. */
export type OpenDiskFile = (path: string) => Promise<DiskFile>;

export const openDiskFile: OpenDiskFile = async (path) => new RealFile(await open(path, 'a', 0o600));

class RealFile implements DiskFile {
  constructor(private readonly handle: FileHandle) {}

  /** Synchronous, since it only copies into the page cache: the way through a thread would take longer than the copy. */
  write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.handle.fd, bytes, at);
  }

  async sync(): Promise<void> {
    await this.handle.datasync();
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
