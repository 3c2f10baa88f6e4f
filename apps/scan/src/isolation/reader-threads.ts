import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import type { PartJob, PartReading } from '../part-job.js';
import type { ThreadLimits } from '../scan-limits.settings.js';
import { FairQueue } from './fair-queue.js';
import { ReaderThread } from './reader-thread.js';
import { threadCode } from './thread-code.js';
import { ThreadDeath } from './thread-death.js';

/** A thread has tens of megabytes even when it does nothing. */
const idleMs = 30_000;
const mostByDefault = 4;

export interface PartRequest {
  job: PartJob;
  /** Asks for the bytes, once there is a thread to read them. */
  open: (signal: AbortSignal) => Promise<Readable>;
  /** Milliseconds that reading may take, asked when it begins: time spent waiting for others is not counted. */
  timeMs: () => number;
  /** Whose turn it is goes by owner: the image. */
  owner: object;
  signal: AbortSignal;
}

/**
 * The threads in which parts of images are read. What an image does to the thread that reads it, it does to its own scan: the
 * thread is replaced, and the parts of other images go on.
 */
export class ReaderThreads {
  private readonly idle: ReaderThread[] = [];
  private readonly queue = new FairQueue<() => void>();
  private readonly most: number;
  private busy = 0;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: ThreadLimits,
    private readonly code = threadCode,
  ) {
    this.most = limits.count ?? Math.min(availableParallelism(), mostByDefault);
  }

  /**
   * Reads one part, when it is its turn.
   *
   * @throws ThreadDeath, what `open` or the source fails with, or the signal's reason
   */
  async read({ job, open, timeMs, owner, signal }: PartRequest): Promise<PartReading> {
    await this.turn(owner, signal);
    const allowedMs = timeMs();
    const late = AbortSignal.timeout(Math.max(0, allowedMs));
    try {
      return await this.readNow(job, { open, signal: AbortSignal.any([signal, late]) });
    } catch (error) {
      signal.throwIfAborted();
      if (late.aborted) throw new ThreadDeath('time', `it takes more than ${allowedMs} ms`, { cause: error });
      throw error;
    } finally {
      this.passOn();
    }
  }

  /** Ends the threads that wait; those that read end with what they read. */
  close(): void {
    clearTimeout(this.idleTimer);
    for (const thread of this.idle.splice(0)) thread.kill('closed', 'nothing more is to be read');
  }

  private async readNow(
    job: PartJob,
    { open, signal }: Pick<PartRequest, 'open' | 'signal'>,
  ): Promise<PartReading> {
    const source = await open(signal);
    const thread = this.idle.pop() ?? new ReaderThread(this.code, this.limits);
    try {
      return await thread.run({ job, source, signal });
    } finally {
      if (thread.isAlive) this.idle.push(thread);
    }
  }

  private async turn(owner: object, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.busy >= this.most) await this.waiting(owner, signal);
    else this.busy += 1;
  }

  private passOn(): void {
    const next = this.queue.next();
    if (next === undefined) this.busy -= 1;
    else next();
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.close(), idleMs).unref();
  }

  private async waiting(owner: object, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.queue.remove(owner, go);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.queue.add(owner, go);
    });
  }
}

const shared = new Map<string, ReaderThreads>();

/** The threads of this process. The cores that they share are the process's too. */
export function sharedReaderThreads(limits: ThreadLimits): ReaderThreads {
  const key = JSON.stringify(limits);
  const threads = shared.get(key) ?? new ReaderThreads(limits);
  shared.set(key, threads);
  return threads;
}
