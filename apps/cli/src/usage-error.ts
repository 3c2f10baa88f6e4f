/** What was asked for does not exist, or not in this way. The message says what is wrong and how to write it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
