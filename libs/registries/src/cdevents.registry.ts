import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { readCloudEvents } from './cloud-events-http.js';
import { hearImages, type ToldImage } from './hear-image.js';
import { type PackageUrlImage, readOciPackageUrl } from './package-url.js';
import { malformedBy, Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { consentTo, Origins } from './verification/consent.js';
import { verifyHeaderSecret } from './verification/header-secret.js';
import type { Verified } from './verification/verified.js';
import { readWebhookJson } from './webhook-json.js';
import { WebhookSettings } from './webhook-settings.js';

const CDEventsSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('cdevents'),
  credentials: PasswordCredentials.optional().describe('Without them, Pratique pulls anonymously'),
  webhook: WebhookSettings.extend({ origins: Origins.optional() })
    .optional()
    .describe('Without it, POST /webhooks/<name> answers 404'),
});
type CDEventsSettings = z.output<typeof CDEventsSettings>;

/** Build systems that tell what they published as CDEvents. */
export const cdevents = defineRegistry({
  kind: 'cdevents',
  settings: CDEventsSettings,
  manual: {
    title: 'CDEvents',
    documentation: ['https://cdevents.dev/docs/', 'https://cdevents.dev/docs/cloudevents-binding/'],
    proof: 'A bearer token or a header of your choice holds the secret.',
    peculiarities: [
      'Heard are `artifact.published` and `artifact.deleted`, of any version. `artifact.packaged` says that something was built, not that it is in a registry.',
      'The image is the package URL in `subject.id`. Its host must be the configured one: the same sender may tell of many registries, and what it tells of others is of no interest.',
      'It may come as a CloudEvent (structured, binary or batched) or by itself. Where both name a type, they must agree.',
      'Source and id together are the identity of an event.',
    ],
    example: `- name: pipeline
  kind: cdevents
  host: registry.example
  webhook:
    secret: { env: PIPELINE_WEBHOOK_SECRET }`,
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

const short = z.string().min(1).max(1024);

const CDEvent = z.object({
  context: z.object({ id: short, source: short, type: short, timestamp: z.unknown().optional() }),
  subject: z.object({ id: z.string().min(1).max(2048) }),
});

// The version is the end of the type; minor versions only add.
const typePattern = /^dev\.cdevents\.artifact\.(published|deleted)\.\d+\.\d+\.\d+/;

function normalise(verified: Verified, settings: CDEventsSettings): HeardEvent[] | Refusal {
  const received = receive(verified);
  if (received instanceof Refusal) return received;
  const told: ToldImage[] = [];
  for (const event of received) {
    const image = imageOf(event, settings);
    if (image instanceof Refusal) return image;
    if (image !== undefined) told.push(image);
  }
  return hearImages(told, { registry: settings.name, receivedAt: verified.receivedAt });
}

interface Received {
  /** The type according to the CloudEvent around it, if there is one. */
  type?: string;
  event: unknown;
}

function receive(verified: Verified): Received[] | Refusal {
  const json = readWebhookJson(verified.body);
  if (json instanceof Refusal) return json;
  const isBare = verified.headers['ce-specversion'] === undefined && CDEvent.safeParse(json.value).success;
  if (isBare) return [{ event: json.value }];
  const events = readCloudEvents(verified);
  return events instanceof Refusal ? events : events.map(({ type, data }) => ({ type, event: data }));
}

function imageOf({ type, event }: Received, { host }: CDEventsSettings): ToldImage | Refusal | undefined {
  // Beside artifacts there are pipelines, services, incidents: their subjects are none of ours.
  if (type !== undefined && !typePattern.test(type)) return undefined;
  const parsed = CDEvent.safeParse(event);
  if (!parsed.success) return malformedBy(parsed.error);
  const { context, subject } = parsed.data;
  if (type !== undefined && type !== context.type)
    return new Refusal('malformed', 'the CloudEvent and the CDEvent in it name different types');
  const image = readOciPackageUrl(subject.id);
  return image?.host === host ? toldBy(context, image) : undefined;
}

function toldBy(
  { id, source, type, timestamp: at }: z.output<typeof CDEvent>['context'],
  { repository, tag, digest }: PackageUrlImage,
): ToldImage | undefined {
  const [, happened] = typePattern.exec(type) ?? [];
  if (happened === undefined) return undefined;
  const name = happened === 'published' ? 'pushed' : 'deleted';
  return { name, repository, tag, digest, at, id, identity: [source, id] };
}
