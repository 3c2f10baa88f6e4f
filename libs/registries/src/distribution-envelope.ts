import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { heardEvent, type Hearing, NotifiedImage } from './notified-image.js';
import { malformedBy, Refusal } from './refusal.js';
import { readWebhook } from './webhook-json.js';

// The format is a list. Every release so far sends one event at a time; the size of the body bounds the list anyway.
const Envelope = z.object({ events: z.array(z.unknown()).max(4096) });
const AnyEvent = z.object({ action: z.string().min(1).max(64) });

const heardAs: ReadonlyMap<string, HeardEvent['name']> = new Map([
  ['push', 'pushed'],
  ['delete', 'deleted'],
] as const);

/**
 * What an envelope of CNCF Distribution tells of images. Forks of it send the same.
 * https://distribution.github.io/distribution/about/notifications/
 */
export function hearDistributionEnvelope(body: Buffer, hearing: Hearing): HeardEvent[] | Refusal {
  const envelope = readWebhook(body, Envelope);
  if (envelope instanceof Refusal) return envelope;
  const heard: HeardEvent[] = [];
  for (const event of envelope.value.events) {
    const one = normaliseEvent(event, hearing);
    if (one instanceof Refusal) return one;
    if (one !== undefined) heard.push(one);
  }
  return heard;
}

function normaliseEvent(event: unknown, hearing: Hearing): HeardEvent | Refusal | undefined {
  const any = AnyEvent.safeParse(event);
  if (!any.success) return malformedBy(any.error);
  const name = heardAs.get(any.data.action);
  if (name === undefined) return undefined;
  const image = NotifiedImage.safeParse(event);
  if (!image.success) return malformedBy(image.error);
  if (isBlob(name, image.data.target)) return undefined;
  const heard = heardEvent(name, image.data, hearing);
  if (heard instanceof Refusal) return heard;
  // Made anew at each start of the registry, which then has forgotten what it had not delivered yet.
  return { ...heard, data: { ...heard.data, senderInstance: image.data.source?.instanceID } };
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
