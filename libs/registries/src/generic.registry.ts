import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { EventTypes, FieldMapping, mappedImage, meaningOf, Pointer, valueAt } from './field-mapping.js';
import { payloadOf } from './form-payload.js';
import { hearImages, type ToldImage } from './hear-image.js';
import type { RawWebhook } from './raw-webhook.js';
import { Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { verifyHeaderSecret } from './verification/header-secret.js';
import { verifyHmac } from './verification/hmac-signature.js';
import type { Verified } from './verification/verified.js';
import { readWebhookJson } from './webhook-json.js';
import { WebhookSettings } from './webhook-settings.js';

const Signature = z.strictObject({
  algorithm: z.enum(['sha256', 'sha1']).describe('The hash of the HMAC'),
  prefix: z
    .string()
    .max(32)
    .optional()
    .describe('What stands before the hexadecimal digits, such as sha256='),
});

const GenericSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('generic'),
  credentials: PasswordCredentials.optional().describe('Without them, Pratique pulls anonymously'),
  list: Pointer.optional().describe('Where a delivery holds a list of events; without it, it is one event'),
  type: Pointer.optional().describe('Where an event names its type; without it, every event is a push'),
  events: EventTypes.optional().describe('Which types of event mean what'),
  fields: FieldMapping.describe('Where an event names the image, as JSON pointers'),
  webhook: WebhookSettings.extend({
    signature: Signature.optional().describe(
      'The header holds an HMAC over the raw body, in hexadecimal digits, instead of the secret',
    ),
  })
    .optional()
    .describe('Without it, POST /webhooks/<name> answers 404'),
});
type GenericSettings = z.output<typeof GenericSettings>;

/** Whatever else can post JSON. */
export const generic = defineRegistry({
  kind: 'generic',
  settings: GenericSettings,
  manual: {
    title: 'Any other sender of JSON',
    documentation: ['https://www.rfc-editor.org/rfc/rfc6901'],
    proof:
      'A bearer token or a header of your choice holds the secret; with `signature`, that header holds an HMAC over the raw body.',
    peculiarities: [
      'The configuration says with JSON pointers where the type, the repository, the tag and the digest stand.',
      'Give `id` where the sender has one. Without it, an event is known by everything that it says; where that holds no time, what comes twice within one minute counts as one.',
      'A type that is not listed is of no interest.',
    ],
    example: `- name: mirror
  kind: generic
  host: mirror.example
  list: /changes
  type: /what
  events:
    pushed: [added, replaced]
    deleted: [removed]
  fields: { repository: /image/path, tag: /image/tag, digest: /image/digest, at: /when, id: /id }
  webhook:
    secret: { env: MIRROR_WEBHOOK_SECRET }
    header: X-Mirror-Signature
    signature: { algorithm: sha256 }`,
    setUp: ({ address }) =>
      `Let the sender post JSON to \`${address}\`, with the header \`Authorization: Bearer <secret>\` or what the settings say.`,
  },
  webhook: {
    afterRefusal: 'gives-up',
    verify,
    normalise,
  },
});

const maxEvents = 1000;

function verify(request: RawWebhook, { webhook }: GenericSettings): Verified | Refusal {
  if (webhook?.signature === undefined) return verifyHeaderSecret(request, webhook);
  const { algorithm, prefix = '' } = webhook.signature;
  const header = webhook.header?.toLowerCase() ?? 'authorization';
  return verifyHmac(request, webhook, { headers: [header], algorithm, prefix });
}

function normalise(verified: Verified, settings: GenericSettings): HeardEvent[] | Refusal {
  const json = readWebhookJson(payloadOf(verified));
  if (json instanceof Refusal) return json;
  const events = settings.list === undefined ? [json.value] : valueAt(json.value, settings.list);
  if (!Array.isArray(events) || events.length > maxEvents)
    return new Refusal('malformed', `there is no list of at most ${maxEvents} events where the settings say`);
  const told = events.flatMap((event: unknown): ToldImage[] => {
    const name = nameOf(event, settings);
    return name === undefined ? [] : [{ ...mappedImage(event, settings.fields), name }];
  });
  return hearImages(told, { registry: settings.name, receivedAt: verified.receivedAt });
}

function nameOf(event: unknown, { type, events = {} }: GenericSettings): HeardEvent['name'] | undefined {
  return type === undefined ? 'pushed' : meaningOf(valueAt(event, type), events);
}
