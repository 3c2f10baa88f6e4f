import { Alarm } from './alarm.js';
import type { Clock } from './clock.js';
import type { IncomingMessage } from './message.js';
import { MinHeap } from './min-heap.js';

export interface ScheduledMessage {
  readonly sequence: number;
  readonly dueAt: number;
  readonly message: IncomingMessage;
}

/** Messages that wait for their time, each handed to `onDue` when the clock reaches it. */
export class Schedule {
  private readonly waiting = new Map<number, ScheduledMessage>();
  private readonly byTime = new MinHeap<number>();
  private waitingBytes = 0;
  private readonly alarm: Alarm;

  constructor(
    private readonly clock: Clock,
    private readonly onDue: (scheduled: ScheduledMessage) => void,
  ) {
    this.alarm = new Alarm(clock, () => this.releaseDue());
  }

  get bytes(): number {
    return this.waitingBytes;
  }

  add(scheduled: ScheduledMessage): void {
    this.waiting.set(scheduled.sequence, scheduled);
    this.waitingBytes += scheduled.message.encoded.length;
    this.byTime.push(scheduled.dueAt, scheduled.sequence);
  }

  has(sequence: number): boolean {
    return this.waiting.has(sequence);
  }

  remove(sequence: number): ScheduledMessage | undefined {
    const scheduled = this.waiting.get(sequence);
    this.waiting.delete(sequence);
    this.waitingBytes -= scheduled?.message.encoded.length ?? 0;
    return scheduled;
  }

  /** In ascending order of sequence numbers. */
  all(): ScheduledMessage[] {
    return [...this.waiting.values()].sort((a, b) => a.sequence - b.sequence);
  }

  /** Hands out what is due and sets the alarm for the next one. Call it after `add`. */
  releaseDue(): void {
    let next = this.byTime.peek();
    while (next !== undefined && next.key <= this.clock.now()) {
      this.byTime.pop();
      const due = this.remove(next.item);
      if (due !== undefined) this.onDue(due);
      next = this.byTime.peek();
    }
    this.alarm.setTo(next?.key);
  }

  close(): void {
    this.alarm.stop();
  }
}
