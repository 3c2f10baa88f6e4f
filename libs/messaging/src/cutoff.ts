/**
 * A moment from when on something is not waited for any more. It may outlive a million of those who wait, so it forgets
 * each; an `AbortSignal` does too, and takes several times as long, which counts for every message.
 */
export class Cutoff {
  readonly #waiting = new Set<() => void>();
  #isPast = false;

  get isPast(): boolean {
    return this.#isPast;
  }

  cut(): void {
    this.#isPast = true;
    for (const stopWaiting of this.#waiting) stopWaiting();
  }

  /** What the work gives, or nothing when the moment comes before; what the work does then is its own affair. */
  before<T>(work: Promise<T>): Promise<{ value: T } | undefined> {
    return new Promise((resolve, reject) => {
      const stopWaiting = (): void => resolve(undefined);
      this.#waiting.add(stopWaiting);
      if (this.#isPast) stopWaiting();
      void work.then((value) => resolve({ value }), reject).then(() => this.#waiting.delete(stopWaiting));
    });
  }
}
