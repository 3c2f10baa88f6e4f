import type { DeadLetter, DeadLetterContent, SettledDeadLetters } from '@pratique/messaging';

/** What a list shows of a dead letter: two lines. */
export function listLines({ id, event, reason, description, violation, enqueuedAt }: DeadLetter): string[] {
  const what = `${event.type ?? 'no event type'} ${event.subject ?? ''}`.trim();
  const why = [reason, description ?? violation].filter((part) => part !== undefined).join(': ');
  return [`${id}  ${enqueuedAt ?? ''}  ${what}`, `    ${oneLine(why === '' ? 'no reason given' : why)}`];
}

/** Everything that is in a dead letter. */
export function contentLines(letter: DeadLetterContent): string[] {
  const { event } = letter;
  const fields: [string, string | undefined][] = [
    ['id', letter.id],
    ['sequence number', letter.sequenceNumber],
    ['first published as', letter.originalId === letter.id ? undefined : letter.originalId],
    ['enqueued', letter.enqueuedAt],
    ['reason', letter.reason],
    ['description', letter.description],
    ['violation', letter.violation],
    ['event', [event.type, event.subject].filter((part) => part !== undefined).join(' ')],
    ['event id', event.id],
    ['from', event.source],
    ['content type', letter.contentType],
    ...Object.entries(letter.properties).map(([name, value]): [string, string] => [name, text(value)]),
  ];
  const shown = fields.filter(
    (field): field is [string, string] => field[1] !== undefined && field[1] !== '',
  );
  const width = Math.max(...shown.map(([name]) => name.length));
  return [
    ...shown.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(value)}`),
    '',
    ...pretty(letter.body).split('\n'),
  ];
}

/** What has become of those that were to be replayed or discarded. */
export function settledLines(
  done: string,
  { done: gone, stillThere, notFound }: SettledDeadLetters,
): string[] {
  return [
    ...gone.map(({ id }) => `${id} ${done}`),
    ...stillThere.map(
      ({ id }) =>
        `${id} ${done}, but it is in the queue still, since its lock was lost: doing it again is harmless`,
    ),
    ...notFound.map((number) => `the one with sequence number ${number} is gone, or somebody else is at it`),
    `${gone.length} ${done}.`,
  ];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function oneLine(value: string): string {
  return value.replace(/\s+/g, ' ').trim();
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    // Whatever it is, it is shown as it is.
    return body;
  }
}
