import type { AcceptedMessage } from './journal-record.js';
import type { HeldMessage } from './message.js';

/** The copy of an accepted message that one queue gets: with a number of its own, not delivered yet. */
export function heldCopy(
  encoded: Buffer,
  entry: AcceptedMessage,
  copy: { readonly sequence: number; readonly at: number },
): HeldMessage {
  return {
    sequence: copy.sequence,
    enqueuedSequence: entry.sequence,
    enqueuedAt: copy.at,
    messageId: entry.messageId,
    encoded,
    expiresAt: entry.expiresAt,
    deliveryCount: 0,
    properties: {},
  };
}
