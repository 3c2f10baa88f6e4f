import { MessagingError } from './messaging-error.js';
import { RetryLater } from './retry-later.js';
import type { WhatHappened } from './settle.js';

/** What a handler's failure means for its message. */
export function whatFailureMeans(error: unknown, shuttingDown: boolean): WhatHappened {
  // Whatever it threw, it was interrupted; another worker finds out what is true.
  if (shuttingDown) return { kind: 'shutting-down' };
  if (error instanceof RetryLater) {
    return { kind: 'retry-later', why: sentenceOf(error), retryAfterMs: error.retryAfterMs };
  }
  if (error instanceof MessagingError && error.code === 'not-published') {
    return { kind: 'retry-later', why: sentenceOf(error) };
  }
  return { kind: 'bug', why: sentenceOf(error) };
}

/** An error as one line for a dead letter's description; never the stack, which may hold more than a stranger may see. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return `something that is no error was thrown: ${typeof error}`;
  return error instanceof RetryLater || error instanceof MessagingError
    ? error.message
    : `${error.name}: ${error.message}`;
}
