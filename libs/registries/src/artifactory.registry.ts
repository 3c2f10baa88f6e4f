import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { hearImages, type ToldImage } from './hear-image.js';
import { receiptWindow } from './receipt-window.js';
import { Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { verifyHeaderValue } from './verification/header-secret.js';
import { verifyHmac } from './verification/hmac-signature.js';
import type { Verified } from './verification/verified.js';
import { readWebhook } from './webhook-json.js';
import { SignedWebhook } from './webhook-settings.js';

const ArtifactoryWebhook = SignedWebhook.extend({
  signed: z
    .boolean()
    .optional()
    .describe('"Use secret for payload signing" is ticked there; without it, the secret itself is sent'),
});

const repositoryKey = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'is not the key of a repository');

const ArtifactorySettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('artifactory'),
  credentials: PasswordCredentials.optional().describe(
    'A user and an identity token; without them, Pratique pulls anonymously',
  ),
  repositoryKeys: z
    .record(repositoryKey, z.union([repositoryKey, z.literal('')]))
    .optional()
    .describe(
      'Which of its repositories are heard, and under which path each is pulled from the host: a virtual repository, or "" where the repository has a host of its own; without it all, under their own keys',
    ),
  webhook: ArtifactoryWebhook.optional().describe('Without it, POST /webhooks/<name> answers 404'),
});
type ArtifactorySettings = z.output<typeof ArtifactorySettings>;

/** JFrog Artifactory. */
export const artifactory = defineRegistry({
  kind: 'artifactory',
  settings: ArtifactorySettings,
  manual: {
    title: 'JFrog Artifactory',
    documentation: [
      'https://jfrog.com/help/r/jfrog-platform-administration-documentation/webhooks',
      'https://jfrog.com/help/r/jfrog-platform-administration-documentation/domain-docker',
    ],
    proof:
      'The header `X-JFrog-Event-Auth` holds the secret itself, or HMAC-SHA256 over the raw body where payload signing was chosen. Both cannot be told apart by looking, so the setting `signed` says which; choose signing.',
    peculiarities: [
      'It gives neither an id nor a time: the same event received twice within one minute counts as one.',
      'It names the local repository, while pulls usually go through a virtual one, by path or by a host of its own: `repositoryKeys` translates.',
      'Only the domain `docker` is heard, with `pushed` and `deleted`. A promotion is also told as a push to its target.',
      'The SHA-256 of `manifest.json` or `list.manifest.json` is the digest.',
    ],
    example: `- name: jfrog
  kind: artifactory
  host: contoso.jfrog.io
  repositoryKeys: { docker-local: docker }
  webhook:
    signed: true
    secret: { env: JFROG_WEBHOOK_SECRET }`,
    setUp: ({
      address,
    }) => `In _Administration → General → Webhooks_, create a webhook: URL \`${address}\`, the events _Docker: Tag was
pushed_ and _Tag was deleted_, the secret, and _Use secret for payload signing_. An address in a private network must be
allowed there with \`urlStrictPolicy\`.`,
  },
  webhook: {
    afterRefusal: 'gives-up',
    verify: (request, { webhook }) =>
      webhook?.signed === true
        ? verifyHmac(request, webhook, { headers: ['x-jfrog-event-auth'], algorithm: 'sha256' })
        : verifyHeaderValue(request, webhook, 'x-jfrog-event-auth'),
    normalise,
  },
});

const AnyEvent = z.object({
  domain: z.string().max(64),
  event_type: z.string().max(64),
  data: z.unknown().optional(),
});

const Docker = z.object({
  domain: z.literal('docker'),
  source: z.unknown().optional(),
  data: z.object({
    repo_key: repositoryKey,
    image_name: z.string().min(1).max(255),
    tag: z.string().max(255).nullish(),
    sha256: z
      .string()
      .regex(/^(?:[0-9a-f]{64})?$/, 'is not 64 hexadecimal digits')
      .nullish(),
    size: z.unknown().optional(),
  }),
});

const heardAs: ReadonlyMap<string, HeardEvent['name']> = new Map([
  ['pushed', 'pushed'],
  ['deleted', 'deleted'],
] as const);

function normalise(verified: Verified, settings: ArtifactorySettings): HeardEvent[] | Refusal {
  const any = readWebhook(verified.body, AnyEvent);
  if (any instanceof Refusal) return any;
  const name = heardAs.get(any.value.event_type);
  if (any.value.domain !== 'docker' || name === undefined) return [];
  const event = readWebhook(verified.body, Docker);
  if (event instanceof Refusal) return event;
  const { data, source: actor } = event.value;
  const repository = pulledAs(data.repo_key, data.image_name, settings);
  if (repository === undefined) return [];
  const { receivedAt } = verified;
  const identity: ToldImage['identity'] = [
    name,
    repository,
    ...Object.values(namedIn(data)).map(String),
    receiptWindow(receivedAt),
  ];
  return hearImages([{ name, repository, ...namedIn(data), actor, identity }], {
    registry: settings.name,
    receivedAt,
  });
}

function pulledAs(key: string, image: string, { repositoryKeys }: ArtifactorySettings): string | undefined {
  if (repositoryKeys === undefined) return `${key}/${image}`;
  const path = Object.hasOwn(repositoryKeys, key) ? repositoryKeys[key] : undefined;
  if (path === undefined) return undefined;
  return path === '' ? image : `${path}/${image}`;
}

function namedIn({
  tag,
  sha256,
  size,
}: z.output<typeof Docker>['data']): Pick<ToldImage, 'tag' | 'digest' | 'size'> {
  return { tag, digest: sha256 ? `sha256:${sha256}` : undefined, size };
}
