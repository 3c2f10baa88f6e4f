/** One event as a partition keeps it. */
export interface HubEvent {
  readonly sequence: number;
  /** Bytes that were in the partition before this event. */
  readonly offset: number;
  readonly enqueuedAt: number;
  readonly partitionKey?: string | undefined;
  readonly encoded: Buffer;
}

/** Azure keeps events of its standard tier for up to seven days. */
const RETENTION_MS = 7 * 24 * 3_600_000;
/** Everything is in memory, so a partition also has an end in size: the oldest events go first. */
const MAX_BYTES = 256 * 1024 * 1024;

/** The events that a partition keeps: consecutive numbers, the oldest dropped by age and by size. */
export class EventLog {
  private events: HubEvent[] = [];
  private bytes = 0;

  get first(): HubEvent | undefined {
    return this.events[0];
  }

  get last(): HubEvent | undefined {
    return this.events.at(-1);
  }

  all(): readonly HubEvent[] {
    return this.events;
  }

  push(event: HubEvent): void {
    this.events.push(event);
    this.bytes += event.encoded.length;
  }

  /** The event with this number, or the oldest when that one is gone already. */
  atOrAfter(sequence: number): HubEvent | undefined {
    const first = this.events[0]?.sequence ?? 0;
    return this.events[Math.max(sequence, first) - first];
  }

  find(matches: (event: HubEvent) => boolean): HubEvent | undefined {
    return this.events.find(matches);
  }

  /** Drops what is too old at `now` or too much. */
  retire(now: number): void {
    let count = 0;
    for (const { enqueuedAt, encoded } of this.events) {
      if (enqueuedAt > now - RETENTION_MS && this.bytes <= MAX_BYTES) break;
      this.bytes -= encoded.length;
      count += 1;
    }
    if (count > 0) this.events.splice(0, count);
  }
}
