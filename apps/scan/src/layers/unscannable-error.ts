import type { OutcomeReason } from '@pratique/contracts';

/**
 * - `not-readable`: something has no meaning, or more than one
 * - `limit-exceeded`: larger, deeper or longer than is read
 * - `digest-mismatch`: the bytes are not those that the image names
 */
export type UnscannableCode = Exclude<OutcomeReason<'scan.unscannable'>, 'nothing-to-check'>;

/** Part of an image cannot be read completely, so nobody can say what is in it. The message names the part. */
export class UnscannableError extends Error {
  override readonly name = 'UnscannableError';

  constructor(
    readonly code: UnscannableCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function notReadable(message: string, cause?: unknown): UnscannableError {
  return new UnscannableError('not-readable', message, { cause });
}

export function tooMuch(message: string): UnscannableError {
  return new UnscannableError('limit-exceeded', message);
}
