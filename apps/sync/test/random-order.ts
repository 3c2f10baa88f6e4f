/** Lets everything that waits go on in an order that a seed decides, one at a time. */
export class RandomOrder {
  readonly #waiting: (() => void)[] = [];
  #pumping = false;

  constructor(private seed: number) {}

  /** A number from 0 below `limit`. https://en.wikipedia.org/wiki/Xorshift */
  below(limit: number): number {
    this.seed ^= this.seed << 13;
    this.seed ^= this.seed >>> 17;
    this.seed ^= this.seed << 5;
    return (this.seed >>> 0) % limit;
  }

  /** Resolves when it is this one's turn. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    // When nothing else can go on without a turn.
    setImmediate(() => {
      this.#pumping = false;
      const [next] = this.#waiting.splice(this.below(this.#waiting.length), 1);
      next?.();
      if (this.#waiting.length > 0) this.#pump();
    });
  }
}
