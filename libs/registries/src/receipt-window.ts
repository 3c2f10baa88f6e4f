const windowMs = 60_000;

/**
 * The minute in which a delivery was received, as part of an event's identity: for senders of which two real pushes look
 * exactly like one delivery that was repeated. A repetition within the minute is dropped as a double; one that crosses
 * its border becomes a second event, which does no harm, as a push by digest twice does none.
 */
export function receiptWindow(receivedAt: Date): string {
  return `minute ${Math.floor(receivedAt.getTime() / windowMs)}`;
}
