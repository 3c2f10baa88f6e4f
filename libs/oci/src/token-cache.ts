/** A token as a registry handed it out. */
export interface IssuedToken {
  value: string;
  /** Milliseconds from now for which it is good. */
  lifetimeMs: number;
}

interface CachedToken {
  value: string;
  /** Milliseconds since the epoch from which a new one is fetched. */
  renewAt: number;
}

/** More scope sets than one process uses on a registry; the oldest makes room. */
const maxEntries = 2048;

/**
 * Keeps tokens by what they are for, fetches each once however many ask at the same moment, and renews before expiry.
 *
 * A token is renewed when 10 % of its life is left, at most 30 s: a fixed margin of minutes would make the 300-second
 * tokens of Docker Hub uncacheable.
 */
export class TokenCache {
  private readonly tokens = new Map<string, CachedToken>();
  private readonly inFlight = new Map<string, Promise<string>>();

  constructor(private readonly now: () => number = Date.now) {}

  /**
   * The token for a key, fetched when there is none. `fetch` is shared by everybody who asks meanwhile, so it must not
   * depend on one caller's signal; `signal` only ends this caller's wait.
   */
  async get(key: string, fetch: () => Promise<IssuedToken>, signal?: AbortSignal): Promise<string> {
    const cached = this.tokens.get(key);
    if (cached !== undefined && this.now() < cached.renewAt) return cached.value;
    const pending = this.inFlight.get(key) ?? this.fetchOnce(key, fetch);
    return await untilAborted(pending, signal);
  }

  /** Drops a token that a registry did not accept. */
  forget(value: string): void {
    for (const [key, token] of this.tokens) if (token.value === value) this.tokens.delete(key);
  }

  private fetchOnce(key: string, fetch: () => Promise<IssuedToken>): Promise<string> {
    const pending = fetch()
      .then(({ value, lifetimeMs }) => {
        this.keep(key, { value, renewAt: this.now() + lifetimeMs - Math.min(30_000, lifetimeMs / 10) });
        return value;
      })
      .finally(() => this.inFlight.delete(key));
    this.inFlight.set(key, pending);
    return pending;
  }

  private keep(key: string, token: CachedToken): void {
    this.tokens.delete(key);
    this.tokens.set(key, token);
    const oldest = this.tokens.keys().next().value;
    if (this.tokens.size > maxEntries && oldest !== undefined) this.tokens.delete(oldest);
  }
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
