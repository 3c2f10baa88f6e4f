import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { DistributionSettings } from './distribution-settings.js';
import { heardEvent, type Hearing, NotifiedImage } from './notified-image.js';
import { malformedBy, Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { verifyHeaderSecret } from './verification/header-secret.js';
import { readWebhookJson } from './webhook-json.js';

/**
 * CNCF Distribution: `registry:2`, `registry:3`, Debian's `docker-registry`.
 * https://distribution.github.io/distribution/about/notifications/
 *
 * - It signs nothing; it sends the headers that its configuration lists.
 * - It waits one second, then tries the same event again, in order and for ever: an event that is refused holds back
 *   every later one until the registry is restarted, and then all of them are lost.
 * - It tells of blobs as of manifests, and of every read as of every write (HEAD included).
 * - Deleting a manifest is told once with the digest, and once more for each of its tags, without a digest.
 * - Deleting a blob looks exactly like deleting a manifest: repository and digest, no media type, no address. It is
 *   passed on as a deletion; whoever acts on one finds that no image has that digest.
 * - An index names its children's events in no way: each child is a push by digest, the index a push by tag.
 */
export const distribution = defineRegistry({
  kind: 'distribution',
  settings: DistributionSettings,
  webhook: {
    afterRefusal: 'retries-for-ever',
    verify: (request, settings) => verifyHeaderSecret(request, settings.webhook),
    normalise: ({ body, receivedAt }, { name }) => normalise(body, { registry: name, receivedAt }),
  },
});

// The format is a list. Every release so far sends one event at a time; the size of the body bounds the list anyway.
const Envelope = z.object({ events: z.array(z.unknown()).max(4096) });
const AnyEvent = z.object({ action: z.string().min(1).max(64) });

const heardAs: Readonly<Record<string, HeardEvent['name']>> = { push: 'pushed', delete: 'deleted' };

function normalise(body: Buffer, hearing: Hearing): HeardEvent[] | Refusal {
  const json = readWebhookJson(body);
  if (json instanceof Refusal) return json;
  const envelope = Envelope.safeParse(json.value);
  if (!envelope.success) return malformedBy(envelope.error);
  const heard: HeardEvent[] = [];
  for (const event of envelope.data.events) {
    const one = normaliseEvent(event, hearing);
    if (one instanceof Refusal) return one;
    if (one !== undefined) heard.push(one);
  }
  return heard;
}

function normaliseEvent(event: unknown, hearing: Hearing): HeardEvent | Refusal | undefined {
  const any = AnyEvent.safeParse(event);
  if (!any.success) return malformedBy(any.error);
  const name = Object.hasOwn(heardAs, any.data.action) ? heardAs[any.data.action] : undefined;
  if (name === undefined) return undefined;
  const image = NotifiedImage.safeParse(event);
  if (!image.success) return malformedBy(image.error);
  return isBlob(name, image.data.target) ? undefined : heardEvent(name, image.data, hearing);
}

const manifestMediaType =
  /(?:\.manifest\.(?:list\.)?v\d+(?:\+json|\+prettyjws)?|\.image\.index\.v\d+\+json)$/;

/** The address tells a blob from a manifest; a registry that leaves it out still gives the media type of what is pushed. */
function isBlob(name: HeardEvent['name'], target: NotifiedImage['target']): boolean {
  const { tag, url, mediaType } = target;
  if (tag !== undefined) return false;
  const collection = /\/(manifests|blobs)\/[^/]+$/.exec(url ?? '')?.[1];
  if (collection !== undefined) return collection === 'blobs';
  if (mediaType === undefined) return name !== 'deleted';
  return !manifestMediaType.test(mediaType);
}
