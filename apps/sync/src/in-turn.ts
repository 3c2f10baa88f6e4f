interface Line {
  running: number;
  waiting: (() => void)[];
}

/** Lets work on the same thing wait for its turn, and work on different things go on side by side. */
export class InTurn {
  readonly #lines = new Map<string, Line>();

  /**
   * Runs `work` when fewer than `atOnce` are at work under the same key, in the order in which they came.
   *
   * @throws what `work` throws; or the signal's reason, when it was aborted before its turn came
   */
  async run<T>(key: string, work: () => Promise<T>, signal: AbortSignal, atOnce = 1): Promise<T> {
    const line = this.#lines.get(key) ?? { running: 0, waiting: [] };
    this.#lines.set(key, line);
    // Whoever leaves hands its place over, so that nobody who comes later takes it.
    if (line.running >= atOnce) await new Promise<void>((resolve) => line.waiting.push(resolve));
    else line.running += 1;
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#leave(key, line);
    }
  }

  #leave(key: string, line: Line): void {
    const next = line.waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    line.running -= 1;
    if (line.running === 0) this.#lines.delete(key);
  }
}
