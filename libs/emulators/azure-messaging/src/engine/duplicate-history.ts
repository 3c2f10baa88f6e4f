/** One accepted id: the id, when it was accepted (Unix ms), and the number that the message got. */
export type SeenMessage = [messageId: string, at: number, sequence: number];

/** Ids of 128 characters, Azure's limit, then take some 200 MB; beyond that the oldest are forgotten early. */
const MAX_IDS = 1_000_000;

/** The message ids that a topic accepted within its duplicate-detection window. */
export class DuplicateHistory {
  private readonly seen = new Map<string, { readonly at: number; readonly sequence: number }>();

  constructor(private readonly windowMs: number) {}

  /** The number of the message with this id that was accepted within the window, if there is one. */
  find(messageId: string, now: number): number | undefined {
    this.forgetUntil(now - this.windowMs);
    return this.seen.get(messageId)?.sequence;
  }

  remember([messageId, at, sequence]: SeenMessage): void {
    // A key that is set again would keep its old place, and insertion order must be the order of time.
    this.seen.delete(messageId);
    this.seen.set(messageId, { at, sequence });
    const oldest = this.seen.keys().next();
    if (this.seen.size > MAX_IDS && oldest.done !== true) this.seen.delete(oldest.value);
  }

  /** What still counts at `now`, oldest first. */
  entries(now: number): SeenMessage[] {
    this.forgetUntil(now - this.windowMs);
    return [...this.seen].map(([messageId, { at, sequence }]) => [messageId, at, sequence]);
  }

  private forgetUntil(moment: number): void {
    for (const [messageId, { at }] of this.seen) {
      if (at > moment) return;
      this.seen.delete(messageId);
    }
  }
}
