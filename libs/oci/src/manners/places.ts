interface Waiting {
  admit: () => void;
}

/** So many at the same time, first come first served. */
export class Places {
  private inside = 0;
  private readonly queue: Waiting[] = [];

  constructor(private count: number) {}

  /** Waits for a place; each has to be given back with {@link leave}. */
  async enter(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.queue.length === 0 && this.inside < this.count) {
      this.inside += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { admit: resolve };
    const giveUp = (): void => {
      const at = this.queue.indexOf(waiting);
      // Whoever has been admitted at this very moment has a place to give back.
      if (at < 0) return;
      this.queue.splice(at, 1);
      reject(signal?.reason as Error);
    };
    this.queue.push(waiting);
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Does some work in a place. */
  async during<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.enter(signal);
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  leave(): void {
    this.inside -= 1;
    this.admitNext();
  }

  /** More places are filled at once; with fewer, nobody is thrown out. */
  resize(count: number): void {
    this.count = count;
    this.admitNext();
  }

  private admitNext(): void {
    while (this.inside < this.count) {
      const next = this.queue.shift();
      if (next === undefined) return;
      this.inside += 1;
      next.admit();
    }
  }
}
