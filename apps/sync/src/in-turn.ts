/** Lets work on the same thing wait for its turn, and work on different things go on side by side. */
export class InTurn {
  readonly #last = new Map<string, Promise<unknown>>();

  /**
   * Runs `work` when everything that was given the same key before has ended, well or badly.
   *
   * @throws what `work` throws; or the signal's reason, when it was aborted before its turn came
   */
  async run<T>(key: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(() => {
      signal.throwIfAborted();
      return work();
    });
    const ended = turn.then(ignore, ignore);
    this.#last.set(key, ended);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    }
  }
}

function ignore(): void {
  // Whoever asked for the work is told how it ended; whoever waits needs to know only that it did.
}
