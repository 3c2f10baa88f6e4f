import { Digest, type HeardEvent, type RegistryName, RepositoryName, Tag } from '@pratique/contracts';
import { z } from 'zod';
import { receiptWindow } from './receipt-window.js';
import { Refusal } from './refusal.js';

/** Senders write "nothing" as an absent field, as null and as an empty string. */
export function absentWhenEmpty<S extends z.ZodType>(schema: S) {
  return z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional());
}

export const description = absentWhenEmpty(z.string().max(255)).catch(undefined);

// Senders write three, seven or nine digits of a second, some in another time zone than UTC.
const moment = absentWhenEmpty(
  z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString()),
).catch(undefined);

/**
 * One notification in the form that CNCF Distribution gave it, and that Azure Container Registry took over.
 *
 * What names an image must pass the grammar, or the delivery is malformed. What only describes (a time, an actor, a media
 * type) is dropped when it is unusable: losing the description is better than losing the event.
 */
export const NotifiedImage = z.object({
  id: description,
  timestamp: moment,
  action: z.string().min(1).max(64),
  target: z.object({
    repository: RepositoryName,
    tag: absentWhenEmpty(Tag),
    digest: absentWhenEmpty(Digest),
    mediaType: description,
    size: absentWhenEmpty(z.int().nonnegative()).catch(undefined),
    url: absentWhenEmpty(z.string().max(2048)).catch(undefined),
  }),
  actor: z.object({ name: description }).optional().catch(undefined),
  source: z.object({ instanceID: description }).optional().catch(undefined),
});
export type NotifiedImage = z.output<typeof NotifiedImage>;

/** Where and when a notification was heard: what it does not say itself. */
export interface Hearing {
  registry: RegistryName;
  receivedAt: Date;
}

/**
 * The event that a notification amounts to. The registry is the one that proved itself, whatever the body says.
 * A deletion may be of a whole repository; anything else must name an image.
 */
export function heardEvent(
  name: HeardEvent['name'],
  image: NotifiedImage,
  hearing: Hearing,
): HeardEvent | Refusal {
  const { repository, tag, digest, mediaType, size } = image.target;
  if (name !== 'deleted' && tag === undefined && digest === undefined)
    return new Refusal('malformed', 'target: has neither a tag nor a digest');
  const receivedAt = hearing.receivedAt.toISOString();
  return {
    name,
    data: {
      registry: hearing.registry,
      repository,
      tag,
      digest,
      mediaType,
      size,
      actor: image.actor?.name,
      occurredAt: image.timestamp ?? receivedAt,
      receivedAt,
      senderEventId: image.id,
    },
    identity: image.id === undefined ? identifying(image, hearing) : [image.id],
  };
}

/** Without an id, the time tells two pushes of the same image apart; without that too, the minute in which they came. */
function identifying(
  { action, target, timestamp }: NotifiedImage,
  { receivedAt }: Hearing,
): [string, ...string[]] {
  const when = timestamp ?? receiptWindow(receivedAt);
  return [action, target.repository, target.tag ?? '', target.digest ?? '', when];
}
