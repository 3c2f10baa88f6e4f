/**
 * - `too-large`: an event, or a batch that must go as a whole, is larger than the wire carries. Nothing was sent.
 * - `not-published`: the broker did not accept a message. It may or may not have it: publish the same event again, its
 *   id is the same and the broker drops the double.
 * - `wrong-handlers`: the handlers of a subscription do not fit what the subscription is sent.
 * - `no-answer`: the broker took the connection and says nothing. It is tried again over another one.
 * - `closed`: used after it was closed.
 */
export type MessagingErrorCode = 'too-large' | 'not-published' | 'wrong-handlers' | 'no-answer' | 'closed';

/** What can go wrong with the bus. The message is a sentence for a person and names what to do. */
export class MessagingError extends Error {
  override readonly name = 'MessagingError';

  constructor(
    readonly code: MessagingErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
