export type Settlement = 'complete' | 'abandon' | 'dead-letter';

interface Waiting {
  settlement: Settlement;
  start: () => void;
}

/**
 * Keeps different settlements of one receiver out of one turn of the event loop.
 *
 * rhea 3.0.5 writes the dispositions of a turn together and does not compare the states of the first two
 * (`write_dispositions` in its session.js): a completion and a dead-letter of consecutive deliveries leave as "both
 * completed", both calls resolve, and the dead letter is lost. So only settlements that are exactly the same go
 * together, and anything else waits until the broker has answered them. Each receiver has an AMQP session of its own,
 * so different receivers cannot disturb each other.
 */
export class SettlementGate {
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #settlement: Settlement | undefined;

  /** Runs `operation` in turn: first come, first served. */
  async pass<T>(settlement: Settlement, operation: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.#waiting.push({ settlement, start });
      this.#admit();
    });
    try {
      return await operation();
    } finally {
      this.#running -= 1;
      this.#admit();
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#admits(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#running += 1;
      this.#settlement = next.settlement;
      next.start();
    }
  }

  #admits({ settlement }: Waiting): boolean {
    if (this.#running === 0) return true;
    // Two dead letters differ in their reasons.
    return settlement === this.#settlement && settlement !== 'dead-letter';
  }
}
