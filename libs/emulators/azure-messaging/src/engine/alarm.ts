import type { Clock, Timer } from './clock.js';

/** One timer that always stands at the earliest moment asked for; `ring` decides what is due by reading the clock. */
export class Alarm {
  private timer: Timer | undefined;
  private setFor = Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** Moves the alarm to `at` (Unix ms); `undefined` switches it off. */
  setTo(at: number | undefined): void {
    if (at === this.setFor) return;
    this.stop();
    if (at === undefined) return;
    this.setFor = at;
    this.timer = this.clock.after(at - this.clock.now(), () => {
      this.timer = undefined;
      this.setFor = Infinity;
      this.ring();
    });
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.setFor = Infinity;
  }
}
