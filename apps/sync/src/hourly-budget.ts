const hourMs = 60 * 60 * 1000;

/**
 * How much may still be done in an hour that ends now, for each key. What an operator allows beyond that is used up first.
 *
 * It lives in this process: a restart begins a new hour, and every worker has one of its own.
 */
export class HourlyBudget {
  readonly #spent = new Map<string, number[]>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Takes one if there is one left. */
  take(key: string, perHour: number): boolean {
    const since = this.now() - hourMs;
    const recent = (this.#spent.get(key) ?? []).filter((at) => at > since);
    this.#spent.set(key, recent);
    if (recent.length >= perHour) return false;
    recent.push(this.now());
    return true;
  }

  /** Milliseconds until there will be one again, after {@link take} said no. */
  waitMs(key: string): number {
    const [oldest] = this.#spent.get(key) ?? [];
    return oldest === undefined ? 0 : Math.max(0, oldest + hourMs - this.now());
  }
}
