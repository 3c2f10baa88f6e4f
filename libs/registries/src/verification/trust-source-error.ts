/**
 * - `unreachable`: nobody answered in time, or the answer was a failure of the other side
 * - `unusable`: it answered with something else than what was asked for
 * - `too-often`: it was asked too much lately; what is known already goes on to be used
 */
export type TrustSourceErrorCode = 'unreachable' | 'unusable' | 'too-often';

/** What a proof is checked against cannot be had now. The delivery is neither right nor wrong: the sender should come again. */
export class TrustSourceError extends Error {
  override readonly name = 'TrustSourceError';

  constructor(
    readonly code: TrustSourceErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
