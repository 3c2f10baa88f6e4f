import type { Entry } from '../../audit/src/entry.js';

/** What a line shows of an entry of the ledger. */
export type LedgerEntry = Pick<
  Entry,
  'kind' | 'type' | 'source' | 'time' | 'registry' | 'repository' | 'tag' | 'digest' | 'message' | 'body'
>;

/** One step of an image's way as a line: when, who, what, which bytes, and how long it took. */
export function progressLine(entry: LedgerEntry): string {
  return [
    entry.time.toISOString().slice(11, 23),
    whoActed(entry).padEnd(8),
    whatHappened(entry).padEnd(22),
    shortDigest(entry.digest).padEnd(14),
    withShortDigests(entry.message ?? hearsay(entry)),
    duration(entry),
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

function duration({ body: { data } }: LedgerEntry): string {
  const milliseconds = data && typeof data === 'object' && 'durationMs' in data ? data.durationMs : undefined;
  return typeof milliseconds === 'number' ? `(${Math.round(milliseconds)} ms)` : '';
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
