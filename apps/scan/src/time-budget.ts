/** What reading an image may still take, summed over its parts. Time in which a part waits for its turn is not counted. */
export class TimeBudget {
  constructor(private leftMs: number) {}

  /** Whole milliseconds for one part. */
  forPart(mostMs: number): number {
    return Math.ceil(Math.min(this.leftMs, mostMs));
  }

  take(ms: number): void {
    this.leftMs = Math.max(0, this.leftMs - ms);
  }
}
