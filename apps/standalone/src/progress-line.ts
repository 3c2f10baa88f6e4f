import { z } from 'zod';

/** An entry of the ledger, as `GET /api/v1/entries` tells it; the fields that are shown. */
export const LedgerEntry = z.object({
  sequence: z.number(),
  kind: z.enum(['event', 'outcome']),
  type: z.string(),
  source: z.string(),
  time: z.string(),
  registry: z.string().nullable(),
  repository: z.string().nullable(),
  tag: z.string().nullable(),
  digest: z.string().nullable(),
  message: z.string().nullable(),
  body: z.object({ data: z.object({ durationMs: z.number().optional() }) }),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;

/** One step of an image's way as a line: when, who, what, which bytes, and how long it took. */
export function progressLine(entry: LedgerEntry): string {
  const time = entry.time.slice(11, 23).padEnd(12, '0');
  const duration = entry.body.data.durationMs;
  return [
    time,
    whoActed(entry).padEnd(8),
    whatHappened(entry).padEnd(22),
    shortDigest(entry.digest).padEnd(14),
    withShortDigests(entry.message ?? hearsay(entry)),
    duration === undefined ? '' : `(${Math.round(duration)} ms)`,
  ]
    .join('  ')
    .trimEnd();
}

// Registry events are told by the part that puts them onto the topic.
const publishers: Readonly<Record<string, string>> = { 'image.cleared': 'scan', 'image.approved': 'promote' };

function whoActed(entry: LedgerEntry): string {
  if (entry.kind === 'event') return publishers[whatHappened(entry)] ?? 'ingress';
  return entry.source.replace(/^pratique\//, '');
}

function whatHappened({ type }: LedgerEntry): string {
  return type.replace(/^io\.pratique\./, '').replace(/\.v\d+$/, '');
}

function shortDigest(digest: string | null): string {
  return digest === null ? '' : digest.slice(digest.indexOf(':') + 1, digest.indexOf(':') + 13);
}

// A whole digest is for machines; the ledger has it.
function withShortDigests(sentence: string): string {
  return sentence.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1…');
}

function hearsay(entry: LedgerEntry): string {
  const what = whatHappened(entry).replace('image.', '');
  const image = `${entry.repository ?? '?'}${entry.tag === null ? '' : `:${entry.tag}`}`;
  return publishers[`image.${what}`] === undefined
    ? `${entry.registry ?? '?'} reports that ${image} was ${what}`
    : `${image} in ${entry.registry ?? '?'} is ${what}`;
}
