import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { readCloudEvents, type ReceivedCloudEvent } from './cloud-events-http.js';
import { hearImages, tagOrDigest, type ToldImage } from './hear-image.js';
import { malformedBy, Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { verifyHeaderSecret } from './verification/header-secret.js';
import type { Verified } from './verification/verified.js';

const ZotSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('zot'),
  credentials: PasswordCredentials.optional().describe('A user; without one, Pratique pulls anonymously'),
});

/** Zot. */
export const zot = defineRegistry({
  kind: 'zot',
  settings: ZotSettings,
  manual: {
    title: 'Zot',
    documentation: ['https://zotregistry.dev/latest/articles/events/'],
    proof: 'It signs nothing; it sends a bearer token or headers of your choice, which hold the secret.',
    peculiarities: [
      'It tries once, in the background, and logs what failed: what is not accepted is gone.',
      'Events are CloudEvents in binary mode. Unless its `source` is set, it is `zotregistry.dev` for every zot in the world, so only the id tells them apart. The prefix of the types can be set too; only their end is looked at.',
      'A reference is a tag or a digest; the digest is told beside it.',
      'The whole manifest is sent along as a text; it is not passed on. A delivery of more than one megabyte is refused.',
      '`repository.created`, `image.scanned` and `image.lint_failed` are of no interest.',
    ],
    example: `- name: zot
  kind: zot
  host: zot.example
  webhook:
    secret: { env: ZOT_WEBHOOK_SECRET }`,
    setUp: ({ address }) => `In zot's configuration:

\`\`\`json
{
  "extensions": {
    "events": {
      "enable": true,
      "sinks": [
        {
          "type": "http",
          "address": "${address}",
          "credentials": { "token": "<secret>" }
        }
      ]
    }
  }
}
\`\`\``,
  },
  webhook: {
    afterRefusal: 'gives-up',
    verify: (request, { webhook }) => verifyHeaderSecret(request, webhook),
    normalise,
  },
});

// `zotregistry.` unless its `typePrefix` says otherwise.
const heardType = /(?:^|\.)image\.(updated|deleted)$/;

const Image = z.object({
  name: z.unknown().optional(),
  reference: z.string().max(255).nullish(),
  digest: z.unknown().optional(),
  mediaType: z.unknown().optional(),
  actor: z.object({ name: z.unknown().optional() }).nullish().catch(undefined),
});

function normalise(
  verified: Verified,
  { name: registry }: z.output<typeof ZotSettings>,
): HeardEvent[] | Refusal {
  const events = readCloudEvents(verified);
  if (events instanceof Refusal) return events;
  const told: ToldImage[] = [];
  for (const event of events) {
    const image = imageOf(event);
    if (image instanceof Refusal) return image;
    if (image !== undefined) told.push(image);
  }
  return hearImages(told, { registry, receivedAt: verified.receivedAt });
}

function imageOf({ type, id, time, data }: ReceivedCloudEvent): ToldImage | Refusal | undefined {
  const happened = heardType.exec(type)?.[1];
  if (happened === undefined) return undefined;
  const name = happened === 'updated' ? 'pushed' : 'deleted';
  const image = Image.safeParse(data);
  if (!image.success) return malformedBy(image.error);
  const { name: repository, reference, digest, mediaType, actor } = image.data;
  return {
    name,
    repository,
    digest,
    ...tagOrDigest(reference ?? ''),
    mediaType,
    actor: actor?.name,
    at: time,
    id,
  };
}
