import { open, type FileHandle } from 'node:fs/promises';

import { StorageError } from './storage-error.js';

interface Waiter {
  resolve(): void;
  reject(error: StorageError): void;
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

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** Opens for appending; makes the file when it is missing. */
  static async open(path: string): Promise<LogFile> {
    return new LogFile(path, await open(path, 'a', 0o600));
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
    this.flushing ??= this.flush();
  }

  async close(): Promise<void> {
    await this.flushing;
    if (this.failure === undefined) await this.handle.datasync();
    await this.handle.close();
  }

  private async flush(): Promise<void> {
    while (this.buffers.length > 0 && this.failure === undefined) {
      // One turn's worth is collected before the first write.
      await Promise.resolve();
      const [buffers, waiters] = [this.buffers, this.waiters];
      this.buffers = [];
      this.waiters = [];
      await this.flushOnce(buffers, waiters);
    }
    this.flushing = undefined;
  }

  private async flushOnce(buffers: readonly Buffer[], waiters: readonly Waiter[]): Promise<void> {
    try {
      await this.handle.appendFile(Buffer.concat(buffers));
      if (waiters.length > 0) await this.handle.datasync();
      for (const waiter of waiters) waiter.resolve();
    } catch (cause) {
      this.fail(cause, waiters);
    }
  }

  private fail(cause: unknown, waiters: readonly Waiter[]): void {
    const message = `Writing '${this.path}' failed, so nothing can be accepted. Free the disk and restart the emulator.`;
    this.failure = new StorageError('write-failed', message, { cause });
    for (const waiter of [...waiters, ...this.waiters]) waiter.reject(this.failure);
    this.waiters = [];
    this.buffers = [];
  }
}
