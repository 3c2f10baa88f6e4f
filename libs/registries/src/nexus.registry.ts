import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { hearImages } from './hear-image.js';
import type { RawWebhook } from './raw-webhook.js';
import { Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { sentMoment } from './sent-moment.js';
import { headerValue } from './verification/header-secret.js';
import { verifyHmac } from './verification/hmac-signature.js';
import { notAuthenticated } from './verification/live-secrets.js';
import { sentLately } from './verification/replay-window.js';
import type { Verified } from './verification/verified.js';
import { readWebhook } from './webhook-json.js';
import { SignedWebhook } from './webhook-settings.js';

const NexusSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('nexus'),
  credentials: PasswordCredentials.optional().describe('A user; without one, Pratique pulls anonymously'),
  repository: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/, 'is not the name of a repository')
    .describe('The Docker repository that answers at `host`; events of the others are of no interest'),
  pathRouting: z
    .boolean()
    .optional()
    .describe(
      'Images are pulled as host/<repository>/<image>; without it as host/<image>, from a connector of its own',
    ),
  webhook: SignedWebhook.optional().describe('Without it, POST /webhooks/<name> answers 404'),
});
type NexusSettings = z.output<typeof NexusSettings>;

/** Sonatype Nexus Repository 3. */
export const nexus = defineRegistry({
  kind: 'nexus',
  settings: NexusSettings,
  manual: {
    title: 'Sonatype Nexus Repository',
    documentation: [
      'https://help.sonatype.com/en/webhooks.html',
      'https://help.sonatype.com/en/example-headers-and-payloads.html',
    ],
    proof:
      'HMAC-SHA1 over the raw body, in the header `X-Nexus-Webhook-Signature`. As a MAC it still holds, but it is old: let the deliveries come through a network that you control.',
    peculiarities: [
      'It tries once and keeps nothing: what is not accepted is gone. What was sent more than 75 minutes ago is refused as a replay, so its clock must be right.',
      'It names neither digest nor media type nor host: the host is that of the connector of the repository, and whoever acts resolves the tag.',
      'A tag that is pushed again is told as `UPDATED`, or as a deletion and a creation.',
      'Only components of the format `docker` are heard. Assets tell of every blob, and a purge only of internal ids: neither becomes an event.',
    ],
    example: `- name: nexus
  kind: nexus
  host: nexus.example:8083
  repository: docker-hosted
  webhook:
    secret: { env: NEXUS_WEBHOOK_SECRET }`,
    setUp: ({
      address,
    }) => `In _Administration → System → Capabilities_, create the capability _Webhook: Repository_: the repository, the
event type _component_, the URL \`${address}\` and the secret key.`,
  },
  webhook: {
    afterRefusal: 'gives-up',
    verify,
    normalise,
  },
});

const Sent = z.object({ timestamp: z.unknown().optional() });

/** The signature covers the time, and nothing is sent twice: an old delivery is one that somebody has recorded. */
function verify(request: RawWebhook, { webhook }: NexusSettings): Verified | Refusal {
  const verified = verifyHmac(request, webhook, {
    headers: ['x-nexus-webhook-signature'],
    algorithm: 'sha1',
  });
  if (verified instanceof Refusal) return verified;
  const read = readWebhook(verified.body, Sent);
  const sentAt = read instanceof Refusal ? undefined : sentMoment(read.value.timestamp);
  return sentAt === undefined || sentLately(sentAt, verified.receivedAt)
    ? verified
    : notAuthenticated('it was sent too long ago, or in the future');
}

const Component = z.object({
  format: z.string().max(64),
  name: z.string().max(255),
  version: z.unknown().optional(),
});

const Delivery = z.object({
  repositoryName: z.string().min(1).max(255).nullish(),
  action: z.string().max(64).nullish(),
  timestamp: z.unknown().optional(),
  initiator: z.unknown().optional(),
  component: Component.nullish(),
});

const heardAs: ReadonlyMap<string, HeardEvent['name']> = new Map([
  ['CREATED', 'pushed'],
  ['UPDATED', 'pushed'],
  ['DELETED', 'deleted'],
] as const);

function normalise(verified: Verified, settings: NexusSettings): HeardEvent[] | Refusal {
  const delivery = readWebhook(verified.body, Delivery);
  if (delivery instanceof Refusal) return delivery;
  const { repositoryName, action, timestamp: at, initiator: actor, component } = delivery.value;
  const name = heardAs.get(action ?? '');
  if (repositoryName !== settings.repository || name === undefined || !component) return [];
  if (component.format !== 'docker') return [];
  const { name: image, version: tag } = component;
  const repository = settings.pathRouting === true ? `${settings.repository}/${image}` : image;
  const id = headerValue(verified, 'x-nexus-webhook-delivery');
  return hearImages([{ name, repository, tag, at, actor, id }], {
    registry: settings.name,
    receivedAt: verified.receivedAt,
  });
}
