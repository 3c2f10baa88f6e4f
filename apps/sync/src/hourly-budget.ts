const hourMs = 60 * 60 * 1000;

/**
 * How much may still be done in an hour that ends now, for each key.
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
}
