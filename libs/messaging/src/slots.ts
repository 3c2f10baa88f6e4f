/** Lets so many in at the same time; the others wait in line. */
export class Slots {
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a slot. Whoever has got it must call `leave` once. @throws the signal's reason when that aborts before */
  async enter(signal?: AbortSignal): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((admit, refuse) => {
      const leaveTheLine = (): void => {
        if (this.#waiting.delete(enterNow)) refuse(signal?.reason as Error);
      };
      const enterNow = (): void => {
        signal?.removeEventListener('abort', leaveTheLine);
        admit();
      };
      this.#waiting.add(enterNow);
      signal?.addEventListener('abort', leaveTheLine, { once: true });
    });
  }

  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
