const minuteMs = 60_000;

/**
 * Lets the same warning through once a minute. While a broker is away the SDKs report every try, which is twice a second
 * for each subscription: their back-off is in fact fixed (core-amqp's `RetryMode.Exponential` is 0, and the Service Bus
 * receiver takes 0 for "not set").
 */
export class RepeatedWarnings {
  #last: { text: string; at: number } | undefined;

  allows(text: string, now = Date.now()): boolean {
    if (this.#last?.text === text && now - this.#last.at < minuteMs) return false;
    this.#last = { text, at: now };
    return true;
  }
}
