import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { boundedList } from './bounded-list.js';
import { readCloudEvents } from './cloud-events-http.js';
import { hearImages, tagOrDigest, type ToldImage } from './hear-image.js';
import type { Hearing } from './notified-image.js';
import { malformedBy, Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { verifyHeaderValue } from './verification/header-secret.js';
import type { Verified } from './verification/verified.js';
import { readWebhookJson } from './webhook-json.js';
import { SignedWebhook } from './webhook-settings.js';

const HarborSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('harbor'),
  credentials: PasswordCredentials.optional().describe(
    'A robot account; without it, Pratique pulls anonymously',
  ),
  webhook: SignedWebhook.omit({ secret: true })
    .extend({ secret: SignedWebhook.shape.secret.describe('The auth header of the policy, as a whole') })
    .optional()
    .describe('Without it, POST /webhooks/<name> answers 404'),
});

/** Harbor, in both of its formats. */
export const harbor = defineRegistry({
  kind: 'harbor',
  settings: HarborSettings,
  manual: {
    title: 'Harbor',
    documentation: [
      'https://goharbor.io/docs/latest/working-with-projects/project-configuration/configure-webhooks/',
    ],
    proof:
      'It signs nothing; it copies the _auth header_ of the policy into `Authorization` as it is, without adding a scheme. So the secret here is the whole value, `Bearer …` included if that was entered.',
    peculiarities: [
      'It waits three seconds and tries three times.',
      'The default format has no id and tells whole seconds: a repetition is known by everything that the event says. The CloudEvents format has an id that repetitions keep; each policy makes its own.',
      'For an artifact without a tag the field `tag` holds the digest.',
      'It tells no media type: an index, a chart and an image look alike.',
      'The address in the event comes from the external URL of its settings and is ignored; the host is the configured one.',
    ],
    example: `- name: harbor
  kind: harbor
  host: harbor.example
  webhook:
    secret: { env: HARBOR_AUTH_HEADER }`,
    setUp: ({
      address,
    }) => `In _Project → Webhooks → New webhook_: notify type \`http\`, payload format \`Default\` or \`CloudEvents\`,
the events _Artifact pushed_ and _Artifact deleted_, endpoint URL \`${address}\`, and the secret as _Auth header_.`,
  },
  webhook: {
    afterRefusal: 'gives-up',
    verify: (request, { webhook }) => verifyHeaderValue(request, webhook, 'authorization'),
    normalise,
  },
});

// The first of each line is Harbor 2's name, the second its CloudEvents type, the third Harbor 1's.
const heardAs: ReadonlyMap<string, HeardEvent['name']> = new Map([
  ['PUSH_ARTIFACT', 'pushed'],
  ['harbor.artifact.pushed', 'pushed'],
  ['pushImage', 'pushed'],
  ['DELETE_ARTIFACT', 'deleted'],
  ['harbor.artifact.deleted', 'deleted'],
  ['deleteImage', 'deleted'],
] as const);

const Notification = z.object({
  type: z.string().min(1).max(64),
  occur_at: z.unknown().optional(),
  operator: z.unknown().optional(),
  event_data: z.unknown().optional(),
});

// As many tags as a manifest may have when it is deleted.
const EventData = z.object({
  resources: boundedList(
    z.object({ digest: z.string().max(255).nullish(), tag: z.string().max(255).nullish() }),
    { min: 1, max: 1000 },
  ),
  repository: z.object({ repo_full_name: z.string().max(255) }),
});

type Told = Pick<ToldImage, 'at' | 'actor'> & { type: string; data: unknown; id?: string };

function normalise(verified: Verified, { name }: z.output<typeof HarborSettings>): HeardEvent[] | Refusal {
  const told = readEither(verified);
  return told instanceof Refusal ? told : hear(told, { registry: name, receivedAt: verified.receivedAt });
}

/** The content type would tell the formats apart, but a proxy may have changed it; `specversion` cannot be mistaken. */
function readEither(verified: Verified): Told | Refusal {
  const json = readWebhookJson(verified.body);
  if (json instanceof Refusal) return json;
  if (z.object({ specversion: z.string() }).safeParse(json.value).success) return readCloudEvent(verified);
  const parsed = Notification.safeParse(json.value);
  if (!parsed.success) return malformedBy(parsed.error);
  const { type, occur_at: at, operator: actor, event_data: data } = parsed.data;
  return { type, at, actor, data };
}

function readCloudEvent(verified: Verified): Told | Refusal {
  const events = readCloudEvents(verified);
  if (events instanceof Refusal) return events;
  const [event] = events;
  if (event === undefined) return new Refusal('malformed', 'it holds no event');
  const { type, time, id, data } = event;
  return { type, at: time, data, id };
}

function hear({ type, data, ...told }: Told, hearing: Hearing): HeardEvent[] | Refusal {
  const name = heardAs.get(type);
  // Pulls, scans, quotas, replication and retention.
  if (name === undefined) return [];
  const parsed = EventData.safeParse(data);
  if (!parsed.success) return malformedBy(parsed.error);
  const { resources, repository } = parsed.data;
  return hearImages(
    resources.map(({ digest, tag }) => ({
      ...told,
      name,
      repository: repository.repo_full_name,
      digest,
      ...tagOrDigest(tag ?? ''),
      // Of several resources, each is an event of its own under the same id.
      ...(told.id !== undefined && { identity: [told.id, tag ?? '', digest ?? ''] }),
    })),
    hearing,
  );
}
