import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { readCloudEvents } from './cloud-events-http.js';
import { EventTypes, FieldMapping, mappedImage, meaningOf } from './field-mapping.js';
import { hearImages, type ToldImage } from './hear-image.js';
import { Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { consentTo, Origins } from './verification/consent.js';
import { verifyHeaderSecret } from './verification/header-secret.js';
import type { Verified } from './verification/verified.js';
import { WebhookSettings } from './webhook-settings.js';

const CloudEventsSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('cloudevents'),
  credentials: PasswordCredentials.optional().describe('Without them, Pratique pulls anonymously'),
  events: EventTypes.describe('Which types of event mean what'),
  fields: FieldMapping.omit({ id: true })
    .optional()
    .describe(
      'Where the data names the image, as JSON pointers; without it /repository, /tag, /digest, /mediaType and /size',
    ),
  webhook: WebhookSettings.extend({ origins: Origins.optional() })
    .optional()
    .describe('Without it, POST /webhooks/<name> answers 404'),
});
type CloudEventsSettings = z.output<typeof CloudEventsSettings>;

const usualFields: FieldMapping = {
  repository: '/repository',
  tag: '/tag',
  digest: '/digest',
  mediaType: '/mediaType',
  size: '/size',
};

/** Whatever tells of images as CloudEvents. */
export const cloudevents = defineRegistry({
  kind: 'cloudevents',
  settings: CloudEventsSettings,
  manual: {
    title: 'CloudEvents',
    documentation: [
      'https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md',
      'https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md',
    ],
    proof:
      'A bearer token or a header of your choice holds the secret. `?access_token=` is not taken: an address is written down in too many places.',
    peculiarities: [
      'Structured, binary and batched events are understood; of a batch, all events are taken or none.',
      'Source and id together are the identity of an event.',
      'A sender that asks with `OPTIONS` is given consent when it is one of `origins`.',
    ],
    example: `- name: builds
  kind: cloudevents
  host: registry.example
  events:
    pushed: [com.contoso.image.pushed]
    deleted: [com.contoso.image.deleted]
  fields: { repository: /image/name, tag: /image/tag, digest: /image/digest }
  webhook:
    secret: { env: BUILDS_WEBHOOK_SECRET }
    origins: [events.contoso.example]`,
    setUp: ({ address }) =>
      `Let the sender post to \`${address}\` with the header \`Authorization: Bearer <secret>\`.`,
  },
  webhook: {
    afterRefusal: 'gives-up',
    verify: (request, { webhook }) => verifyHeaderSecret(request, webhook),
    normalise,
    consent: (request, { webhook }) => consentTo(request, webhook?.origins),
  },
});

function normalise(verified: Verified, settings: CloudEventsSettings): HeardEvent[] | Refusal {
  const events = readCloudEvents(verified);
  if (events instanceof Refusal) return events;
  const told = events.flatMap(({ type, id, source, time, data }): ToldImage[] => {
    const name = meaningOf(type, settings.events);
    if (name === undefined) return [];
    const image = mappedImage(data, settings.fields ?? usualFields);
    return [{ ...image, name, at: image.at ?? time, id, identity: [source, id] }];
  });
  return hearImages(told, { registry: settings.name, receivedAt: verified.receivedAt });
}
