/**
 * - `time`, `memory`: it needed more than it may have, and was ended
 * - `crash`: a bug
 * - `closed`: it was no longer wanted
 */
export type DeathCause = 'time' | 'memory' | 'crash' | 'closed';

/** A reading thread has ended before it was done. */
export class ThreadDeath extends Error {
  override readonly name = 'ThreadDeath';

  constructor(
    readonly why: DeathCause,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
