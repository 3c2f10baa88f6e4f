import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { PartJob, PartReading } from '../part-job.js';
import { bytesInPieces, pieceBytes } from './bytes-in-pieces.js';
import { heapLimitMb, type MemoryLimits, watchMemory } from './watch-memory.js';
import type { ThreadCode } from './thread-code.js';
import { type DeathCause, ThreadDeath } from './thread-death.js';
import type { FromThread, ToThread } from './thread-messages.js';

/** Pieces on their way to the thread: enough for it never to wait. */
const piecesAhead = 2;
/** What was unpacked is garbage as soon as it has been looked at: a small nursery is swept before much of it lies about. */
const youngMb = 2;
/** Milliseconds in which a thread that is told to stop does so. */
const graceMs = 1_000;

export interface PartRun {
  job: PartJob;
  /** Destroyed in every case. */
  source: Readable;
  signal: AbortSignal;
}

/**
 * One thread that reads parts, one at a time.
 *
 * Its memory is watched from outside, and it is ended when it has too much of it, or when it does not stop as it is told to,
 * whatever it is doing.
 */
export class ReaderThread {
  private readonly worker: Worker;
  private current: { heard: (message: FromThread) => void; died: (death: ThreadDeath) => void } | undefined;
  private cause: ThreadDeath | undefined;
  /** What pieces were in, for the next. */
  private readonly memory: ArrayBuffer[] = [];
  private hasExited = false;
  private grace: NodeJS.Timeout | undefined;

  constructor(
    { url, execArgv }: ThreadCode,
    private readonly limits: MemoryLimits,
  ) {
    this.worker = new Worker(url, {
      resourceLimits: { maxOldGenerationSizeMb: heapLimitMb(limits), maxYoungGenerationSizeMb: youngMb },
      // It is to know nothing that it could give away.
      env: {},
      ...(execArgv && { execArgv }),
    });
    this.worker.on('message', (message: FromThread) => this.current?.heard(message));
    this.worker.on('error', (error: Error) => (this.cause ??= deathBy(error)));
    this.worker.on('exit', () => {
      this.hasExited = true;
      this.current?.died(this.death());
    });
    // A thread that waits keeps no process alive.
    this.worker.unref();
  }

  get isAlive(): boolean {
    return !this.hasExited && this.cause === undefined;
  }

  /**
   * @throws ThreadDeath, what the source fails with, or the signal's reason
   */
  async run({ job, source, signal }: PartRun): Promise<PartReading> {
    this.worker.ref();
    const unwatch = watchMemory(this.worker, this.limits, (what) => this.kill('memory', what));
    const stop = (): void => {
      source.destroy(signal.reason as Error);
      this.cancel();
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      const reading = await this.read(job, source);
      signal.throwIfAborted();
      return reading;
    } finally {
      signal.removeEventListener('abort', stop);
      unwatch();
      clearTimeout(this.grace);
      this.grace = undefined;
      source.destroy();
      this.current = undefined;
      this.worker.unref();
    }
  }

  /** Ends the thread at once; what it is reading fails with a ThreadDeath. */
  kill(why: DeathCause, message: string): void {
    this.cause ??= new ThreadDeath(why, message);
    void this.worker.terminate();
  }

  private async read(job: PartJob, source: Readable): Promise<PartReading> {
    const room = new Room(piecesAhead);
    const done = new Promise<PartReading>((resolve, reject) => {
      this.current = {
        heard: (message) => {
          if (message.type === 'done') {
            resolve(message.reading);
            return;
          }
          this.memory.push(message.memory);
          room.give();
        },
        died: reject,
      };
      if (this.hasExited) reject(this.death());
    });
    const stopFeeding = (): void => {
      source.destroy();
      room.close();
    };
    done.then(stopFeeding, stopFeeding);
    this.tell({ type: 'start', job });
    try {
      await this.feed(source, room);
    } catch (error) {
      this.cancel();
      await done.catch(() => undefined);
      throw error;
    }
    return await done;
  }

  /** Resolves when all was sent, or when the thread has had enough. */
  private async feed(source: Readable, room: Room): Promise<void> {
    try {
      const memory = (): ArrayBuffer => this.memory.pop() ?? new ArrayBuffer(pieceBytes);
      for await (const bytes of bytesInPieces(source, memory)) {
        await room.take();
        if (room.isClosed) return;
        this.tell({ type: 'bytes', bytes }, [bytes.buffer]);
      }
      this.tell({ type: 'end' });
    } catch (error) {
      if (!room.isClosed) throw error;
    }
  }

  /** Has the thread give up what it reads; if it does not, it is ended. */
  private cancel(): void {
    this.tell({ type: 'cancel' });
    this.grace ??= setTimeout(() => this.kill('closed', 'it did not stop when it was told to'), graceMs);
  }

  private tell(message: ToThread, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  private death(): ThreadDeath {
    return this.cause ?? new ThreadDeath('crash', 'it ended by itself');
  }
}

function deathBy(error: Error): ThreadDeath {
  const ranOut = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return new ThreadDeath(ranOut ? 'memory' : 'crash', error.message, { cause: error });
}

/** How many more pieces may be on their way. */
class Room {
  isClosed = false;
  private wake: (() => void) | undefined;

  constructor(private left: number) {}

  give(): void {
    this.left += 1;
    this.wake?.();
  }

  close(): void {
    this.isClosed = true;
    this.wake?.();
  }

  async take(): Promise<void> {
    while (this.left === 0 && !this.isClosed) await new Promise<void>((resolve) => (this.wake = resolve));
    this.left -= 1;
  }
}
