/**
 * - `not-found`: there is no dead letter with that id.
 * - `not-sent`: the broker did not take the message again; its dead letter is where it was.
 * - `not-reachable`: the dead-letter queue cannot be read.
 */
export type DeadLetterErrorCode = 'not-found' | 'not-sent' | 'not-reachable';

/** What went wrong with dead letters. The message is a sentence for a person and names what to do. */
export class DeadLetterError extends Error {
  override readonly name = 'DeadLetterError';

  constructor(
    readonly code: DeadLetterErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
