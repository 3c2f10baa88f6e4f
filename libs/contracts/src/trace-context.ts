import { randomBytes } from 'node:crypto';
import { z } from 'zod';

/**
 * W3C Trace Context, version 00: `00-<trace id>-<parent id>-<flags>`; ids of only zeros are invalid.
 * https://www.w3.org/TR/trace-context/#traceparent-header
 */
export const Traceparent = z
  .string()
  .regex(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/, 'is not a version 00 traceparent');
export type Traceparent = z.infer<typeof Traceparent>;

/** Starts a trace, sampled. */
export function newTraceparent(): Traceparent {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

/** The next step of a trace: same trace id and flags, a parent id of its own. Without a usable parent a trace starts. */
export function childTraceparent(parent: string | undefined): Traceparent {
  if (parent === undefined || !Traceparent.safeParse(parent).success) return newTraceparent();
  return `${parent.slice(0, 36)}${randomBytes(8).toString('hex')}${parent.slice(52)}`;
}
