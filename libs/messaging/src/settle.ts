import { type Backoff, retryDelayMs } from './retry-delay.js';

/** How the handling of one delivery ended. */
export type WhatHappened =
  /** The handler returned: it worked, or it failed for business reasons and has published that outcome. */
  | { kind: 'done' }
  /** Throttled, 5xx, timeout, scanner busy; or acted, but publishing failed. */
  | { kind: 'retry-later'; why: string; retryAfterMs?: number | undefined }
  | { kind: 'shutting-down' }
  /** The message is not what its contract says; no handler has seen it. */
  | { kind: 'contract-violation'; why: string }
  /** A handler threw anything else, or there is no handler. */
  | { kind: 'bug'; why: string };

export interface Where {
  /** This attempt's number, from 1, across re-deliveries of every sort. */
  attempt: number;
  /** After this many attempts a message is given up. */
  maxAttempts: number;
  backoff: Backoff;
  /** 0 ≤ random < 1; it is an argument so that the decision is a function of its arguments. */
  random: number;
}

export type Disposition =
  | { action: 'complete' }
  | { action: 'abandon' }
  | { action: 'redeliver'; delayMs: number; why: string }
  | { action: 'dead-letter'; outcome: DeadLetterOutcome; why: string };

/** The outcome that tells of a dead letter is also its reason. */
export type DeadLetterOutcome = 'dead-letter.contract-violation' | 'dead-letter.unclassified';

/**
 * What becomes of a message: the table of ARCHITECTURE.md, "Rules of failure", line by line.
 *
 * Trouble that outlasts every attempt is given up like a bug. A handler that knows better publishes its failed outcome
 * on `delivery.lastAttempt` and returns.
 */
export function settle(what: WhatHappened, where: Where): Disposition {
  switch (what.kind) {
    case 'done':
      return { action: 'complete' };
    case 'shutting-down':
      return { action: 'abandon' };
    case 'contract-violation':
      return { action: 'dead-letter', outcome: 'dead-letter.contract-violation', why: what.why };
    case 'retry-later':
      return tryAgain(what.why, where, what.retryAfterMs);
    case 'bug':
      return tryAgain(what.why, where);
    default:
      return what satisfies never;
  }
}

function tryAgain(why: string, where: Where, retryAfterMs?: number): Disposition {
  if (where.attempt >= where.maxAttempts) {
    return { action: 'dead-letter', outcome: 'dead-letter.unclassified', why };
  }
  return { action: 'redeliver', delayMs: retryDelayMs(where, retryAfterMs), why };
}
