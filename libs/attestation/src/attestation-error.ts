/**
 * Why a statement could not be signed or read. A code is stable: callers decide by it.
 *
 * - `key-unusable`: the key cannot be read, or is of a kind that is not signed with
 * - `signing-failed`: who keeps the key did not sign; `retryable` says whether asking again may help
 * - `statement-invalid`: what calls itself a statement is none, or is not about the image, or nobody trusted has signed it
 */
export type AttestationErrorCode = 'key-unusable' | 'signing-failed' | 'statement-invalid';

export class AttestationError extends Error {
  override readonly name = 'AttestationError';
  readonly code: AttestationErrorCode;
  readonly retryable: boolean;

  constructor(
    message: string,
    { code, retryable = false, cause }: { code: AttestationErrorCode; retryable?: boolean; cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
  }
}
