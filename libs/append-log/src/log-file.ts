import { setImmediate as nextTurn } from 'node:timers/promises';

import type { DiskFile } from './disk-file.js';
import { StorageError } from './storage-error.js';

interface Waiter {
  resolve(): void;
  reject(error: StorageError): void;
}

/** A file to append to, and what is in it already: all of it on disk. */
export interface OpenedLog {
  readonly file: DiskFile;
  readonly size: number;
}

/**
 * Appends to one file. Whatever comes while the disk is busy goes out together in the next write with one fdatasync, so that
 * many senders share the price of one. After a failed write nothing is taken any more: the file may end in half a record.
 */
export class LogFile {
  private buffers: Buffer[] = [];
  private waiters: Waiter[] = [];
  private flushing: Promise<void> | undefined;
  private failure: StorageError | undefined;
  private held = false;
  private file: DiskFile;
  private size: number;
  /** So many bytes of the file are on disk, and so many it says of itself. */
  private safe: number;
  private marked = 0;
  private openedWith: number;

  /** `mark`: what says in the file that its first bytes are safe, for a reader that must tell a torn end from damage. */
  constructor(
    private readonly path: string,
    { file, size }: OpenedLog,
    private readonly mark?: (safe: number) => Buffer,
  ) {
    this.file = file;
    this.size = this.safe = this.openedWith = size;
  }

  /** Bytes written since the file was opened or replaced. */
  get bytes(): number {
    return this.size - this.openedWith;
  }

  /** Whether the disk has refused a write: nothing is taken any more. */
  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  /** Resolves when the bytes would survive a power cut. */
  append(bytes: Buffer): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise<void>((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      this.write(bytes);
    });
  }

  /** Writes without waiting for the disk: survives the death of the process, perhaps not a power cut. */
  write(bytes: Buffer): void {
    if (this.failure !== undefined) return;
    this.buffers.push(bytes);
    if (!this.held) this.flushing ??= this.flush();
  }

  /**
   * Goes on in another file. While it is made nothing is written, and everything that was answered is in the old one; when
   * making it fails, the old one goes on. Rejects as `make` does.
   */
  async replaceBy(make: () => Promise<OpenedLog>): Promise<void> {
    this.held = true;
    try {
      await this.flushing;
      // Whoever was answered acts on it in this turn, and what it does must be in the new file.
      await nextTurn();
      if (this.failure !== undefined) throw this.failure;
      const old = this.file;
      const { file, size } = await make();
      this.file = file;
      this.size = this.safe = this.openedWith = size;
      this.marked = 0;
      await old.close();
    } finally {
      this.held = false;
      if (this.buffers.length > 0) this.flushing ??= this.flush();
    }
  }

  /** Takes nothing any more: what could be written might not be found again. */
  fail(cause: unknown): StorageError {
    const message = `Writing '${this.path}' failed, so nothing can be accepted. Free the disk and start again.`;
    this.failure ??= new StorageError('write-failed', message, { cause });
    for (const waiter of this.waiters) waiter.reject(this.failure);
    this.waiters = [];
    this.buffers = [];
    return this.failure;
  }

  async close(): Promise<void> {
    await this.flushing;
    try {
      if (this.failure === undefined) await this.file.sync();
    } finally {
      await this.file.close();
    }
  }

  private async flush(): Promise<void> {
    while (this.buffers.length > 0 && !this.held) {
      // What all sockets bring in this turn is collected before the write.
      await nextTurn();
      const [buffers, waiters] = [this.buffers, this.waiters];
      this.buffers = [];
      this.waiters = [];
      await this.flushOnce(buffers, waiters);
    }
    this.flushing = undefined;
  }

  private async sync(): Promise<void> {
    const { size } = this;
    await this.file.sync();
    this.safe = size;
  }

  private markOfSafe(): Buffer[] {
    return this.mark !== undefined && this.safe > this.marked ? [this.mark(this.safe)] : [];
  }

  private async flushOnce(buffers: readonly Buffer[], waiters: readonly Waiter[]): Promise<void> {
    try {
      const bytes = Buffer.concat([...this.markOfSafe(), ...buffers]);
      this.file.write(bytes);
      this.marked = this.safe;
      this.size += bytes.length;
      if (waiters.length > 0) await this.sync();
      for (const waiter of waiters) waiter.resolve();
    } catch (cause) {
      const failure = this.fail(cause);
      for (const waiter of waiters) waiter.reject(failure);
    }
  }
}
