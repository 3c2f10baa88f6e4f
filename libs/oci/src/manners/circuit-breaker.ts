/** Failures in a row, of whatever requests, after which a registry counts as down. */
const failuresToOpen = 10;
const firstRestMs = 5_000;
const longestRestMs = 2 * 60_000;

/**
 * Leaves a registry alone that does not work: after some failures in a row nothing is asked for a while, then one request finds
 * out whether it works again. Each time it does not, the rest is twice as long.
 */
export class CircuitBreaker {
  private failures = 0;
  private restMs = firstRestMs;
  private openUntil: number | undefined;
  private probing = false;

  constructor(private readonly now: () => number) {}

  /** Milliseconds to go without asking; undefined when one may ask. Whoever may, reports what became of it. */
  restLeft(): number | undefined {
    if (this.openUntil === undefined) return undefined;
    const left = this.openUntil - this.now();
    if (left > 0) return left;
    if (this.probing) return firstRestMs;
    this.probing = true;
    return undefined;
  }

  /** The registry answered, whatever it said. */
  worked(): void {
    this.failures = 0;
    this.restMs = firstRestMs;
    this.openUntil = undefined;
    this.probing = false;
  }

  failed(): void {
    this.failures += 1;
    if (this.probing || this.failures === failuresToOpen) this.open();
  }

  /** The request ended without telling anything about the registry: it was aborted. */
  unknown(): void {
    this.probing = false;
  }

  private open(): void {
    this.probing = false;
    this.openUntil = this.now() + this.restMs;
    this.restMs = Math.min(longestRestMs, this.restMs * 2);
  }
}
