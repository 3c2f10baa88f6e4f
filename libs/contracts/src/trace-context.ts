import { randomUUID } from 'node:crypto';
import { z } from 'zod';

/**
 * W3C Trace Context, version 00: `00-<trace id>-<parent id>-<flags>`; ids of only zeros are invalid.
 * https://www.w3.org/TR/trace-context/#traceparent-header
 */
const version00 = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
export const Traceparent = z.string().regex(version00, 'is not a version 00 traceparent');
export type Traceparent = z.infer<typeof Traceparent>;

/** The same without zod's result, which for so little costs more than the look itself. */
export function isTraceparent(text: string): text is Traceparent {
  return version00.test(text);
}

/** Starts a trace, sampled. */
export function newTraceparent(): Traceparent {
  return `00-${randomDigits()}-${randomId()}-01`;
}

/** The next step of a trace: same trace id and flags, a parent id of its own. Without a usable parent a trace starts. */
export function childTraceparent(parent: string | undefined): Traceparent {
  if (parent === undefined || !isTraceparent(parent)) return newTraceparent();
  return `${parent.slice(0, 36)}${randomId()}${parent.slice(52)}`;
}

/** 32 hexadecimal digits. Node draws UUIDs in advance, many at a time: a tenth of the cost of `randomBytes` for each. */
function randomDigits(): string {
  return randomUUID().replaceAll('-', '');
}

/** The half without the version's digit: 62 random bits of 64, which is never all zeros. */
function randomId(): string {
  return randomDigits().slice(16);
}
