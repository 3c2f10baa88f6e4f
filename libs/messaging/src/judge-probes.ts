/** What one look at the subscription, over `$management` and not over the receiver's link, has shown. */
export interface Probe {
  /** Whether the broker answered within the time that it has. */
  answered: boolean;
  /** How many messages the receiver had been given until then. */
  received: number;
  /** Whether the receiver was asking for more at the time. */
  hasRoom: boolean;
  /** Sequence numbers of messages that are at the broker, due, and not with this receiver. */
  waiting: readonly string[];
}

export type ProbeVerdict = 'well' | 'silent' | 'unreachable';

/**
 * What two looks, one after the other, say about a receiver:
 *
 * - `unreachable`: neither was answered. The connection is half-open, or the SDK is stuck in its recovery.
 * - `silent`: a message waits that waited the last time too, the receiver wanted it, and it was given nothing since.
 *
 * A look does not show whether another worker holds the message that waits: then `silent` is wrong, and the cure, a new
 * link, harmless. That is why one look is not enough for either, and why no longer history is kept.
 */
export function judgeProbes(earlier: Probe | undefined, now: Probe): ProbeVerdict {
  if (earlier === undefined) return 'well';
  if (!now.answered) return earlier.answered ? 'well' : 'unreachable';
  const idle = earlier.hasRoom && now.hasRoom && earlier.received === now.received;
  const stillWaiting = now.waiting.some((sequenceNumber) => earlier.waiting.includes(sequenceNumber));
  return idle && stillWaiting ? 'silent' : 'well';
}
