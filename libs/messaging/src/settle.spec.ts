import { type Disposition, settle, type WhatHappened } from './settle.js';

const where = {
  attempt: 1,
  maxAttempts: 10,
  backoff: { baseDelayMs: 1000, maxDelayMs: 60_000 },
  random: 0.5,
};
const last = { ...where, attempt: 10 };

interface Line {
  line: string;
  what: WhatHappened;
  now: Disposition;
  atTheEnd: Disposition;
}

const table: Line[] = [
  {
    line: 'it worked, or a business failure whose outcome is published: complete',
    what: { kind: 'done' },
    now: { action: 'complete' },
    atTheEnd: { action: 'complete' },
  },
  {
    line: 'throttled, 5xx, timeout, scanner busy, or publishing failed: retry later',
    what: { kind: 'retry-later', why: 'the registry is busy' },
    now: { action: 'redeliver', delayMs: 500, why: 'the registry is busy' },
    atTheEnd: { action: 'dead-letter', outcome: 'dead-letter.unclassified', why: 'the registry is busy' },
  },
  {
    line: 'throttled with Retry-After: retry no sooner than asked',
    what: { kind: 'retry-later', why: 'the registry is busy', retryAfterMs: 30_000 },
    now: { action: 'redeliver', delayMs: 30_500, why: 'the registry is busy' },
    atTheEnd: { action: 'dead-letter', outcome: 'dead-letter.unclassified', why: 'the registry is busy' },
  },
  {
    line: 'shutting down: abandon at once',
    what: { kind: 'shutting-down' },
    now: { action: 'abandon' },
    atTheEnd: { action: 'abandon' },
  },
  {
    line: 'a body that does not match its contract: dead-letter at once, whichever attempt',
    what: { kind: 'contract-violation', why: 'data.registry: is missing' },
    now: {
      action: 'dead-letter',
      outcome: 'dead-letter.contract-violation',
      why: 'data.registry: is missing',
    },
    atTheEnd: {
      action: 'dead-letter',
      outcome: 'dead-letter.contract-violation',
      why: 'data.registry: is missing',
    },
  },
  {
    line: 'a bug: retry, then dead-letter',
    what: { kind: 'bug', why: 'TypeError: x is undefined' },
    now: { action: 'redeliver', delayMs: 500, why: 'TypeError: x is undefined' },
    atTheEnd: {
      action: 'dead-letter',
      outcome: 'dead-letter.unclassified',
      why: 'TypeError: x is undefined',
    },
  },
];

describe('messaging/settle', () => {
  it.each(table)('$line', ({ what, now, atTheEnd }) => {
    expect(settle(what, where)).toEqual(now);
    expect(settle(what, last)).toEqual(atTheEnd);
    expect(settle(what, { ...last, attempt: 11 })).toEqual(atTheEnd);
  });
});
