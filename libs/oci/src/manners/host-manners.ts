import { OciError } from '../oci-error.js';
import { AdaptiveWindow, type WindowLimits } from './adaptive-window.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { type Clock, systemClock } from './clock.js';
import type { RequestKind } from './request-kind.js';
import { RetryBudget } from './retry-budget.js';
import { TokenBucket } from './token-bucket.js';

/** Requests a minute that a registry allows, by kind; a kind that is not here is not counted. */
export type RequestBudgets = Partial<Record<RequestKind, number>>;

export interface MannersOptions {
  budgets?: RequestBudgets;
  window?: Partial<WindowLimits>;
  /** Milliseconds that a request waits for a registry which asks to be left alone (10 s). What takes longer fails at once. */
  patienceMs?: number;
  /** Times that a request is sent at most (4). */
  attempts?: number;
  /** Milliseconds from which the waits between them grow (200). */
  retryDelayMs?: number;
  clock?: Clock;
}

/** What may be done about a request that failed. */
export interface Failure {
  error: unknown;
  /** 1 for the first. */
  attempt: number;
  /** Whether it may be sent again after the registry may have acted on it. A 429 says that it did not. */
  repeatable: boolean;
}

const longestDelayMs = 10_000;

/**
 * How one registry is treated, by all who use it in this process: no faster than its budgets allow, no more at a time than it
 * bears, not at all while it asks to be left alone or does not work, and again only now and then.
 *
 * The order matters: a request first waits for its turn, and only then does its own timeout start to run. A retry is a request
 * like any other and waits like one.
 */
export class HostManners {
  readonly clock: Clock;
  private readonly buckets: Partial<Record<RequestKind, TokenBucket>> = {};
  /** Apart, because a copy within one registry writes what it reads: the one must never wait for the other's place. */
  private readonly windows: { read: AdaptiveWindow; write: AdaptiveWindow };
  private readonly retries = new RetryBudget();
  private readonly breaker: CircuitBreaker;
  private pausedUntil = Number.NEGATIVE_INFINITY;
  private readonly options;

  constructor(
    private readonly host: string,
    options: MannersOptions = {},
  ) {
    const { budgets = {}, window, clock = systemClock, ...rest } = options;
    this.clock = clock;
    this.options = { patienceMs: 10_000, attempts: 4, retryDelayMs: 200, ...rest };
    const limits = { start: 16, most: 32, ...window };
    const now = (): number => clock.now();
    this.windows = { read: new AdaptiveWindow(limits, now), write: new AdaptiveWindow(limits, now) };
    this.breaker = new CircuitBreaker(now);
    for (const [kind, perMinute] of Object.entries(budgets) as [RequestKind, number][]) {
      this.buckets[kind] = new TokenBucket(perMinute, clock);
    }
  }

  /** Requests that may be under way at the same time, reads and writes each. */
  get width(): { read: number; write: number } {
    return { read: this.windows.read.width, write: this.windows.write.width };
  }

  /**
   * Sends one request when its turn has come. Its place is free again when the answer starts: who reads it slowly holds up nobody.
   *
   * @throws OciError `throttled` or `registry-unavailable`, without a request, while the registry is not to be asked
   */
  async send<T>(
    request: { kind: RequestKind; operation: string; signal?: AbortSignal | undefined },
    exchange: () => Promise<T>,
  ): Promise<T> {
    const { kind, operation, signal } = request;
    const window = this.windows[kind === 'write' ? 'write' : 'read'];
    await window.enter(signal);
    try {
      await this.buckets[kind]?.take(signal);
      await this.sitOut(operation, signal);
      this.retries.earn();
      const answer = await exchange();
      this.breaker.worked();
      window.widen();
      return answer;
    } catch (error) {
      this.learn(error, window);
      throw error;
    } finally {
      window.leave();
    }
  }

  /** Milliseconds after which a failed request may be sent again; undefined when it may not. */
  retryAfter({ error, attempt, repeatable }: Failure): number | undefined {
    if (!(error instanceof OciError) || attempt >= this.options.attempts) return undefined;
    const asked = error.retryAfterMs ?? 0;
    if (!mayPass(error, repeatable) || asked > this.options.patienceMs) return undefined;
    return this.retries.spend() ? Math.max(asked, this.backOff(attempt)) : undefined;
  }

  /** Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
  private backOff(attempt: number): number {
    const { retryDelayMs } = this.options;
    return this.clock.random() * Math.min(longestDelayMs, retryDelayMs * 2 ** attempt);
  }

  private async sitOut(operation: string, signal: AbortSignal | undefined): Promise<void> {
    // Whoever waits may be told to wait longer by an answer to somebody else.
    for (;;) {
      const left = this.pausedUntil - this.clock.now();
      if (left > this.options.patienceMs) throw this.notAsked('throttled', operation, left);
      if (left <= 0) break;
      await this.clock.wait(left, signal);
    }
    const rest = this.breaker.restLeft();
    if (rest !== undefined) throw this.notAsked('registry-unavailable', operation, rest);
  }

  private learn(error: unknown, window: AdaptiveWindow): void {
    if (error instanceof NotAsked) return;
    if (!(error instanceof OciError)) {
      this.breaker.unknown();
      return;
    }
    const { code, retryAfterMs = 0 } = error;
    this.pausedUntil = Math.max(this.pausedUntil, this.clock.now() + retryAfterMs);
    if (code === 'throttled') window.halve();
    if (code === 'registry-unavailable' || code === 'timed-out') this.breaker.failed();
    else this.breaker.worked();
  }

  private notAsked(
    code: 'throttled' | 'registry-unavailable',
    operation: string,
    retryAfterMs: number,
  ): NotAsked {
    const why = code === 'throttled' ? 'asked to be left alone' : 'has failed several times in a row';
    const seconds = Math.ceil(retryAfterMs / 1000);
    return new NotAsked(`${this.host} ${why}, so it was not asked; it is asked again in ${seconds} s.`, {
      ...{ code, operation, retryAfterMs, triedEnough: true },
    });
  }
}

/** Whether the same request may succeed a little later. */
function mayPass(error: OciError, repeatable: boolean): boolean {
  if (error.triedEnough) return false;
  // The registry did not act on it, and says that it would.
  if (error.code === 'throttled' || error.retryAfterMs !== undefined) return true;
  // A timeout is left to whoever waits: he has waited long enough for one answer. A 401 is a token that ran out.
  return repeatable && error.retryable && error.code !== 'timed-out';
}

/** Nothing was sent, so nothing was learnt. */
class NotAsked extends OciError {}
