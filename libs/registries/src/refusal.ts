import type { z } from 'zod';

/**
 * Why a kind of registry turned a delivery away.
 *
 * - `not-authenticated`: the proof that the settings ask for is missing or wrong
 * - `malformed`: the sender is who it should be, but what it says cannot be understood or breaks a grammar
 */
export type RefusalReason = 'not-authenticated' | 'malformed';

/** A delivery that was turned away: a value and not an exception, because it is an everyday answer. */
export class Refusal {
  constructor(
    readonly reason: RefusalReason,
    /** What was wrong, in words for a person. Never repeats what was sent: it may be a secret or an attack on the reader. */
    readonly explanation: string,
  ) {}
}

/** A body that breaks a schema: says at which field, and which rule. */
export function malformedBy(error: z.ZodError): Refusal {
  const [issue] = error.issues;
  const field =
    issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.map(String).join('.');
  return new Refusal('malformed', `${field}: ${issue?.message ?? 'is not valid'}`);
}
