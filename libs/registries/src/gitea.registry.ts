import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { payloadOf } from './form-payload.js';
import { hearImages, tagOrDigest } from './hear-image.js';
import { Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { headerValue } from './verification/header-secret.js';
import { verifyHmac } from './verification/hmac-signature.js';
import type { Verified } from './verification/verified.js';
import { readWebhook } from './webhook-json.js';
import { SignedWebhook } from './webhook-settings.js';

const GiteaSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('gitea'),
  credentials: PasswordCredentials.optional().describe(
    'A user and an access token with read:package; without them, Pratique pulls anonymously',
  ),
  webhook: SignedWebhook.optional().describe('Without it, POST /webhooks/<name> answers 404'),
});

/** Gitea and Forgejo. */
export const gitea = defineRegistry({
  kind: 'gitea',
  settings: GiteaSettings,
  manual: {
    title: 'Gitea and Forgejo',
    documentation: [
      'https://docs.gitea.com/usage/webhooks',
      'https://forgejo.org/docs/latest/user/webhooks/',
    ],
    proof:
      'HMAC-SHA256 over the JSON, in the header `X-Gitea-Signature` (`X-Forgejo-Signature`). Unlike GitHub, it signs the JSON also where it sends a form. Where no secret was entered the header is sent empty, and the delivery is refused.',
    peculiarities: [
      'It tries once, for five seconds; a delivery can be repeated by hand, and keeps its id.',
      'Only packages of the type `container` are heard. A hook of a repository is told of a package only when the package is linked to that repository: use a hook of the owner.',
      'The version is a tag, or a digest for the children of an index; a digest is told in no other case, nor is a media type.',
      'A tag that is overwritten is told as created once more, without a deletion.',
    ],
    example: `- name: forge
  kind: gitea
  host: git.example
  webhook:
    secret: { env: FORGE_WEBHOOK_SECRET }`,
    setUp: ({
      address,
    }) => `In _Settings → Webhooks_ of the organisation or user, add a webhook of the type _Gitea_ (_Forgejo_): target URL
\`${address}\`, method \`POST\`, content type \`application/json\`, the secret, and of the custom events only _Package_.`,
  },
  webhook: {
    afterRefusal: 'gives-up',
    verify: (request, { webhook }) =>
      verifyHmac(request, webhook, {
        headers: ['x-gitea-signature', 'x-forgejo-signature'],
        algorithm: 'sha256',
        signed: payloadOf(request),
      }),
    normalise,
  },
});

const text = z.string().max(255).nullish().catch(undefined);
const user = z.object({ login: text }).nullish().catch(undefined);

const Delivery = z.object({
  action: z.string().max(64).nullish(),
  package: z
    .object({
      type: z.string().max(64),
      name: z.string().min(1).max(255),
      version: z.string().min(1).max(255),
      created_at: z.unknown().optional(),
      owner: z.object({ login: z.string().min(1).max(255) }),
    })
    .nullish(),
  sender: user,
});

const heardAs: ReadonlyMap<string, HeardEvent['name']> = new Map([
  ['created', 'pushed'],
  ['deleted', 'deleted'],
] as const);

function normalise(
  verified: Verified,
  { name: registry }: z.output<typeof GiteaSettings>,
): HeardEvent[] | Refusal {
  const delivery = readWebhook(payloadOf(verified), Delivery);
  if (delivery instanceof Refusal) return delivery;
  const { action, package: told, sender } = delivery.value;
  const name = heardAs.get(action ?? '');
  if (told?.type !== 'container' || name === undefined) return [];
  const image = {
    name,
    repository: `${told.owner.login}/${told.name}`.toLowerCase(),
    ...tagOrDigest(told.version),
    // What a deletion tells as the time is when the package was made.
    at: name === 'pushed' ? told.created_at : undefined,
    actor: sender?.login,
    id: deliveryId(verified),
  };
  return hearImages([image], { registry, receivedAt: verified.receivedAt });
}

function deliveryId(verified: Verified): string | undefined {
  return headerValue(verified, 'x-gitea-delivery') ?? headerValue(verified, 'x-forgejo-delivery');
}
