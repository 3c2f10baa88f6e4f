import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DiskFile,
  lockFolder,
  type OpenDiskFile,
  openDiskFile,
  StorageError,
} from '@pratique/append-log';

/** One file of a journal. Only the newest is written to; the oldest is deleted when all of it is published. */
export interface Segment {
  path: string;
  bytes: number;
  /** The number of its last delivery; 0 when it has none. */
  last: number;
}

const fileName = /^journal-(\d{9})\.log$/;

/** The folder of a journal: whose it is, and the files in it, numbered in the order of writing. */
export class SegmentFolder {
  private constructor(
    private readonly folder: string,
    private readonly openFile: OpenDiskFile,
    private readonly unlock: () => Promise<void>,
  ) {}

  #newest = 0;

  /** @throws StorageError `in-use` when another process has it, `unreadable` when it cannot be used */
  static async open(folder: string, openFile: OpenDiskFile = openDiskFile): Promise<SegmentFolder> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      const message = `The journal's directory '${folder}' cannot be made: make it, or set another journal.directory.`;
      throw new StorageError('unreadable', message, { cause });
    }
    return new SegmentFolder(folder, openFile, await lockFolder(folder));
  }

  /** The files that are there, oldest first. */
  async paths(): Promise<string[]> {
    const names = (await readdir(this.folder)).filter((name) => fileName.test(name)).toSorted();
    this.#newest = Number(fileName.exec(names.at(-1) ?? '')?.[1] ?? 0);
    return names.map((name) => join(this.folder, name));
  }

  /** Begins the next file. Its name survives a power cut when this resolves. */
  async begin(): Promise<{ path: string; file: DiskFile }> {
    this.#newest += 1;
    const path = join(this.folder, `journal-${String(this.#newest).padStart(9, '0')}.log`);
    const file = await this.openFile(path);
    const handle = await open(this.folder, 'r');
    await handle.sync().finally(() => handle.close());
    return { path, file };
  }

  async remove(segments: readonly Segment[]): Promise<void> {
    await Promise.all(segments.map(({ path }) => rm(path, { force: true })));
  }

  close(): Promise<void> {
    return this.unlock();
  }
}
