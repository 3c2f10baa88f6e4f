import { Digest, type HeardEvent, RepositoryName, Tag } from '@pratique/contracts';
import { z } from 'zod';
import { absentWhenEmpty, description, type Hearing } from './notified-image.js';
import { receiptWindow } from './receipt-window.js';
import { malformedBy, Refusal } from './refusal.js';
import { sentMoment } from './sent-moment.js';

/** What a delivery says of an image, as it was sent: nothing of it has been checked. */
export interface ToldImage {
  name: HeardEvent['name'];
  repository: unknown;
  tag?: unknown;
  digest?: unknown;
  mediaType?: unknown;
  artifactType?: unknown;
  size?: unknown;
  actor?: unknown;
  /** RFC 3339 or Unix seconds. */
  at?: unknown;
  /** The sender's id of the delivery or event. */
  id?: unknown;
  /** What tells this event from others; without it the sender's id, or else everything that names the image. */
  identity?: [string, ...string[]];
}

// What names an image must pass the grammar; what only describes it is dropped when it is unusable.
const Image = z.object({
  repository: RepositoryName,
  tag: absentWhenEmpty(Tag),
  digest: absentWhenEmpty(Digest),
  mediaType: description,
  artifactType: description,
  size: absentWhenEmpty(z.int().nonnegative()).catch(undefined),
  actor: description,
  id: description,
});

/**
 * The event that a delivery amounts to, for kinds with a format of their own. The registry is the one that proved itself,
 * whatever the body says. A deletion may be of a whole repository; anything else must name an image.
 */
export function hearImage(told: ToldImage, { registry, receivedAt }: Hearing): HeardEvent | Refusal {
  const parsed = Image.safeParse(told);
  if (!parsed.success) return malformedBy(parsed.error);
  const { id, ...image } = parsed.data;
  if (told.name !== 'deleted' && image.tag === undefined && image.digest === undefined)
    return new Refusal('malformed', 'it names neither a tag nor a digest');
  const received = receivedAt.toISOString();
  const sentAt = sentMoment(told.at);
  return {
    name: told.name,
    data: { registry, ...image, occurredAt: sentAt ?? received, receivedAt: received, senderEventId: id },
    identity: told.identity ?? identifying(told.name, parsed.data, sentAt ?? receiptWindow(receivedAt)),
  };
}

/** Without an id, the time tells two pushes of the same image apart; without that too, the minute in which they came. */
function identifying(
  name: string,
  { id, repository, tag, digest }: z.output<typeof Image>,
  when: string,
): [string, ...string[]] {
  return id === undefined ? [name, repository, tag ?? '', digest ?? '', when] : [id];
}

/** {@link hearImage} for several images of one delivery: all of them are heard, or it is refused. */
export function hearImages(told: readonly ToldImage[], hearing: Hearing): HeardEvent[] | Refusal {
  const heard: HeardEvent[] = [];
  for (const image of told) {
    const event = hearImage(image, hearing);
    if (event instanceof Refusal) return event;
    heard.push(event);
  }
  return heard;
}

/** A reference that is either a tag or a digest, as several senders give it in one field. */
export function tagOrDigest(reference: string): { tag: string } | { digest: string } {
  return /^sha(?:256|512):/.test(reference) ? { digest: reference } : { tag: reference };
}
