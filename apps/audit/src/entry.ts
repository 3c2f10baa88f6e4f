import type { Outcome, RegistryEvent } from '@pratique/contracts';
import { z } from 'zod';

/** What one message left behind: the columns that people search by, and the whole message. */
export const NewEntry = z.object({
  /** The message's own id. The same id twice is the same fact told twice, and the first telling stays. */
  id: z.string(),
  kind: z.enum(['event', 'outcome']),
  type: z.string(),
  source: z.string(),
  subject: z.string(),
  /** When it happened, by the sender's clock. */
  time: z.date(),
  /** When it was written here, by ours. */
  recordedAt: z.date(),
  registry: z.string().nullable(),
  repository: z.string().nullable(),
  tag: z.string().nullable(),
  digest: z.string().nullable(),
  severity: z.string().nullable(),
  reason: z.string().nullable(),
  message: z.string().nullable(),
  correlationId: z.string(),
  causationId: z.string().nullable(),
  body: z.record(z.string(), z.unknown()),
});
export type NewEntry = z.infer<typeof NewEntry>;

/** An entry as it was stored. Its sequence grows with every entry, and may leave numbers out. */
export const Entry = NewEntry.extend({ sequence: z.number().int().positive() });
export type Entry = z.infer<typeof Entry>;

export function entryOfEvent(event: RegistryEvent, recordedAt: Date): NewEntry {
  return newEntry('event', event, {
    image: event.data,
    recordedAt,
    told: { severity: null, reason: null, message: null },
  });
}

/** An outcome is filed under the place where it took effect: the target of a copy, else the image itself. */
export function entryOfOutcome(outcome: Outcome, recordedAt: Date): NewEntry {
  const { severity, reason, message, target, image } = outcome.data;
  return newEntry('outcome', outcome, {
    image: target ?? image ?? {},
    recordedAt,
    told: { severity, reason, message },
  });
}

interface Filing {
  image: {
    registry?: string | undefined;
    repository?: string | undefined;
    tag?: string | undefined;
    digest?: string | undefined;
  };
  recordedAt: Date;
  told: Pick<NewEntry, 'severity' | 'reason' | 'message'>;
}

function newEntry(kind: NewEntry['kind'], message: RegistryEvent | Outcome, filing: Filing): NewEntry {
  const { registry, repository, tag, digest } = filing.image;
  const entry = {
    id: message.id,
    kind,
    type: message.type,
    source: message.source,
    subject: message.subject,
    time: storableTime(message.time),
    recordedAt: filing.recordedAt,
    registry: registry ?? null,
    repository: repository ?? null,
    tag: tag ?? null,
    digest: digest ?? null,
    ...filing.told,
    correlationId: message.correlationid,
    causationId: message.causationid ?? null,
    body: message,
  };
  return NewEntry.parse(storable(entry));
}

/**
 * PostgreSQL's text and jsonb hold neither the character NUL nor half a surrogate pair
 * (https://www.postgresql.org/docs/current/datatype-json.html). A sender can put either into a name or an actor, and an
 * entry that can never be stored would be delivered again and again; so they become U+FFFD.
 */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD');
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storable(key), storable(inner)]));
}

// Years that our clocks and every driver of PostgreSQL write and read alike; no registry has an image from outside
// them. The body keeps the time as it was written.
const earliest = 0;
const latest = Date.parse('9999-12-31T23:59:59.999Z');

function storableTime(time: string): Date {
  return new Date(Math.min(Math.max(Date.parse(time), earliest), latest));
}
