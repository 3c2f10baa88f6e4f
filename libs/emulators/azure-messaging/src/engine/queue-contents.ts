import type { HeldMessage } from './message.js';
import { MinHeap } from './min-heap.js';

/** What a queue holds: every message until it is settled, and which of them may be delivered now, in order. */
export class QueueContents {
  private readonly held = new Map<number, HeldMessage>();
  private readonly deliverable = new MinHeap<HeldMessage>();
  private nextSequence = 1;
  private heldBytes = 0;

  get available(): number {
    return this.deliverable.size;
  }

  get count(): number {
    return this.held.size;
  }

  get bytes(): number {
    return this.heldBytes;
  }

  get upcomingSequence(): number {
    return this.nextSequence;
  }

  /** Hands out the number of the next copy; numbers are never reused, so gaps are possible. */
  allocateSequence(): number {
    return this.nextSequence++;
  }

  /** Makes sure that no number below `next` is given out again (recovery). */
  reserveSequencesBelow(next: number): void {
    this.nextSequence = Math.max(this.nextSequence, next);
  }

  /** Keeps a message, which is not deliverable yet. */
  hold(message: HeldMessage): void {
    this.reserveSequencesBelow(message.sequence + 1);
    this.held.set(message.sequence, message);
    this.heldBytes += message.encoded.length;
  }

  /** Makes a held message deliverable, in the place that its number gives it. */
  offer(message: HeldMessage): void {
    this.deliverable.push(message.sequence, message);
  }

  /** Takes the first deliverable message; it stays held. */
  takeNext(): HeldMessage | undefined {
    return this.deliverable.pop();
  }

  find(sequence: number): HeldMessage | undefined {
    return this.held.get(sequence);
  }

  remove(sequence: number): void {
    const message = this.held.get(sequence);
    if (message === undefined) return;
    this.held.delete(sequence);
    this.heldBytes -= message.encoded.length;
  }

  /** Everything held, locked messages included, in ascending order of numbers. */
  all(): HeldMessage[] {
    return [...this.held.values()].sort((a, b) => a.sequence - b.sequence);
  }

  /** Up to `limit` messages from `fromSequence` on that have not expired. */
  from(fromSequence: number, options: { readonly limit: number; readonly now: number }): HeldMessage[] {
    return this.all()
      .filter((message) => message.sequence >= fromSequence && !hasExpired(message, options.now))
      .slice(0, options.limit);
  }
}

/** Whether a message's time to live is over. */
export function hasExpired(message: HeldMessage, now: number): boolean {
  return message.expiresAt !== undefined && message.expiresAt <= now;
}
