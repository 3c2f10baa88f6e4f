import { z } from 'zod';

// The year 2000 and the year 2100, in seconds: what is outside is in another unit, or a zero that stands for nothing.
const UnixSeconds = z.number().min(946_684_800).max(4_102_444_800);

// Nexus writes the offset without a colon, which RFC 3339 does not allow.
const offsetWithoutColon = /([+-]\d\d)(\d\d)$/;

const Rfc3339 = z.iso.datetime({ offset: true });

// Go's zero time, which GitHub sends for "not known".
const beginningOfTime = '0001-';

/** A moment as senders write it (RFC 3339 with any number of digits, Unix seconds), to the millisecond in UTC. */
export function sentMoment(value: unknown): string | undefined {
  const seconds = UnixSeconds.safeParse(value);
  if (seconds.success) return new Date(seconds.data * 1000).toISOString();
  if (typeof value !== 'string' || value.startsWith(beginningOfTime)) return undefined;
  const text = Rfc3339.safeParse(value.replace(offsetWithoutColon, '$1:$2'));
  return text.success ? new Date(text.data).toISOString() : undefined;
}
