// Amazon SNS repeats a delivery for an hour at most (its longest retry policy), and clocks differ.
const maxAgeMs = 75 * 60_000;
const maxAheadMs = 15 * 60_000;

/**
 * Whether a delivery was sent lately, by a time that its proof covers. Whoever has recorded one can send it again for as long
 * as this; later it is refused, however right its signature is.
 */
export function sentLately(sentAt: string, receivedAt: Date): boolean {
  const age = receivedAt.getTime() - Date.parse(sentAt);
  return age <= maxAgeMs && age >= -maxAheadMs;
}
