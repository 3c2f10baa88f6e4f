import type { RegistryEvent } from '@pratique/contracts';
import { readPiece } from './segment-reader.js';
import type { Segment } from './segments.js';

interface Delivery {
  number: number;
  events: RegistryEvent[];
}

/** Reads the segments of a journal from the oldest delivery that is not published on. */
export class JournalReader {
  /** Everything up to this delivery is published. */
  publishedThrough = 0;
  /** Lines that are no entry. */
  damaged = 0;
  #at: { path: string; offset: number } = { path: '', offset: 0 };
  /** What was read and is not published. */
  #read: Delivery[] = [];

  /** Looks through a segment that an earlier process has left. */
  async recover(
    path: string,
  ): Promise<{ segment: Segment; pending: ReadonlyMap<number, number>; last: number }> {
    const pending = new Map<number, number>();
    let [offset, last] = [0, 0];
    for (;;) {
      const { entries, damaged, end } = await readPiece(path, offset);
      this.damaged += damaged;
      for (const entry of entries) {
        if ('publishedThrough' in entry) {
          this.publishedThrough = Math.max(this.publishedThrough, entry.publishedThrough);
        } else {
          pending.set(entry.number, entry.events.length);
          last = Math.max(last, entry.number);
        }
      }
      if (end === offset) break;
      offset = end;
    }
    return { segment: { path, bytes: offset, last }, pending, last };
  }

  /** The oldest deliveries that are not published, with about so many events. They are given again until they are. */
  async peek(segments: readonly Segment[], count: number): Promise<Delivery[]> {
    while (eventsOf(this.#read) < count && (await this.#readOn(segments)));
    let events = 0;
    return this.#read.filter((delivery, index) => {
      events += delivery.events.length;
      return index === 0 || events <= count;
    });
  }

  published(through: number): void {
    this.publishedThrough = Math.max(this.publishedThrough, through);
    this.#read = this.#read.filter(({ number }) => number > through);
  }

  /** @returns whether there was anything more */
  async #readOn(segments: readonly Segment[]): Promise<boolean> {
    for (const { path } of segments.slice(
      Math.max(
        0,
        segments.findIndex((one) => one.path === this.#at.path),
      ),
    )) {
      const offset = path === this.#at.path ? this.#at.offset : 0;
      const { entries, end } = await readPiece(path, offset);
      this.#at = { path, offset: end };
      for (const entry of entries)
        if ('number' in entry && entry.number > this.publishedThrough) this.#read.push(entry);
      if (end > offset) return true;
    }
    return false;
  }
}

function eventsOf(deliveries: readonly Delivery[]): number {
  return deliveries.reduce((sum, { events }) => sum + events.length, 0);
}
