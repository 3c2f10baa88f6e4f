import type { OutcomeReason } from '@pratique/contracts';

export type NoAnswerReason = Extract<OutcomeReason<'scan.error'>, `scanner-${string}`>;

/** Somebody who was asked about an image gave no answer that counts: there is no opinion, and so no pass. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly reason: NoAnswerReason;
  /** Whether asking again later may help without anybody changing anything. */
  readonly retryable: boolean;

  /** @param message a sentence that says who gave no answer, why, and where there is one the mend */
  constructor(
    message: string,
    { reason, retryable, cause }: { reason: NoAnswerReason; retryable: boolean; cause?: unknown },
  ) {
    super(message, { cause });
    this.reason = reason;
    this.retryable = retryable;
  }
}

/** The scanner is not there, refused, or broke. */
export function unavailable(
  message: string,
  { retryable = true, cause }: FailureDetails = {},
): NoAnswerError {
  return new NoAnswerError(message, { reason: 'scanner-unavailable', retryable, cause });
}

/** What the scanner said cannot be used: asking again gives the same. */
export function invalidAnswer(message: string, cause?: unknown): NoAnswerError {
  return new NoAnswerError(message, { reason: 'scanner-answer-invalid', retryable: false, cause });
}

interface FailureDetails {
  retryable?: boolean;
  cause?: unknown;
}
