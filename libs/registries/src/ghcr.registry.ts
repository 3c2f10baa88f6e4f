import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { payloadOf } from './form-payload.js';
import { hearImages, type ToldImage } from './hear-image.js';
import { Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { headerValue } from './verification/header-secret.js';
import { verifyHmac } from './verification/hmac-signature.js';
import type { Verified } from './verification/verified.js';
import { readWebhook } from './webhook-json.js';
import { SignedWebhook } from './webhook-settings.js';

const GhcrSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('ghcr'),
  credentials: PasswordCredentials.optional().describe(
    'A user and a personal access token with read:packages; without them, Pratique pulls anonymously',
  ),
  webhook: SignedWebhook.optional().describe('Without it, POST /webhooks/<name> answers 404'),
});

/** GitHub's container registry, `ghcr.io` and that of a GitHub Enterprise Server. */
export const ghcr = defineRegistry({
  kind: 'ghcr',
  settings: GhcrSettings,
  manual: {
    title: 'GitHub Container Registry',
    documentation: [
      'https://docs.github.com/webhooks/webhook-events-and-payloads#package',
      'https://docs.github.com/webhooks/webhook-events-and-payloads#registry_package',
      'https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries',
    ],
    proof:
      'HMAC-SHA256 over the raw body, in the header `X-Hub-Signature-256`. The older SHA-1 signature is ignored.',
    peculiarities: [
      'It waits ten seconds and does not repeat by itself; a delivery can be repeated by hand or by its API for three days, and keeps its id.',
      'A hook of a repository or an organisation sends `package`, a GitHub App `registry_package`. Subscribing to both tells every push twice.',
      'A body may be JSON or a form; the signature of a form is over the encoded form.',
      'Owners keep their capital letters in the body, while references must be lower case: they are folded.',
      'Child manifests of an index and attestations come without a tag. Deletions are not told.',
    ],
    example: `- name: github
  kind: ghcr
  host: ghcr.io
  webhook:
    secret: { env: GITHUB_WEBHOOK_SECRET }`,
    setUp: ({
      address,
    }) => `In _Settings → Webhooks_ of the organisation or repository: payload URL \`${address}\`, content type
\`application/json\`, the secret, and of the individual events only _Packages_. Or:

\`\`\`sh
gh api orgs/<organisation>/hooks -f name=web -F active=true -f 'events[]=package' \\
  -f config[url]=${address} \\
  -f config[content_type]=json -f config[secret]=<secret>
\`\`\``,
  },
  webhook: {
    afterRefusal: 'gives-up',
    verify: (request, { webhook }) =>
      verifyHmac(request, webhook, {
        headers: ['x-hub-signature-256'],
        algorithm: 'sha256',
        prefix: 'sha256=',
      }),
    normalise,
  },
});

const text = z.string().max(2048).nullish().catch(undefined);

const Version = z.object({
  version: text,
  package_url: text,
  created_at: text,
  updated_at: text,
  container_metadata: z
    .object({
      tag: z.object({ name: text, digest: text }).nullish().catch(undefined),
      manifest: z
        .object({
          digest: text,
          media_type: text,
          size: z.number().nullish().catch(undefined),
          config: z.object({ media_type: text }).nullish().catch(undefined),
        })
        .nullish()
        .catch(undefined),
    })
    .nullish()
    .catch(undefined),
});
type Version = z.output<typeof Version>;

const Package = z.object({
  name: z.string().min(1).max(255),
  namespace: text,
  owner: z.object({ login: text }).nullish(),
  package_type: text,
  ecosystem: text,
  package_version: Version.nullish(),
});
type Package = z.output<typeof Package>;

const Delivery = z.object({
  action: z.string().max(64).nullish(),
  package: z.unknown().optional(),
  registry_package: z.unknown().optional(),
  sender: z.object({ login: text }).nullish().catch(undefined),
});

// GitHub spells the type in capitals, in small letters, and for what came from its older registry as `docker`.
const containerTypes: readonly string[] = ['container', 'docker'];
type Named = Pick<ToldImage, 'tag' | 'digest'>;

const pushes: readonly string[] = ['published', 'updated'];

function normalise(verified: Verified, { name }: z.output<typeof GhcrSettings>): HeardEvent[] | Refusal {
  const delivery = readWebhook(payloadOf(verified), Delivery);
  if (delivery instanceof Refusal) return delivery;
  const { action, sender, package: plain, registry_package: fromApp } = delivery.value;
  const told = plain ?? fromApp;
  // `ping`, and every other event that the hook may have been subscribed to.
  if (told === undefined || told === null || !pushes.includes(action ?? '')) return [];
  const parsed = Package.safeParse(told);
  if (!parsed.success)
    return new Refusal('malformed', 'the package has no name, or is not described as GitHub does');
  const images = containerImagesIn(parsed.data);
  const id = headerValue(verified, 'x-github-delivery');
  return hearImages(
    images.map((image) => ({ ...image, actor: sender?.login, id })),
    { registry: name, receivedAt: verified.receivedAt },
  );
}

function containerImagesIn({ package_version: version, ...told }: Package): ToldImage[] {
  const type = told.package_type ?? told.ecosystem ?? '';
  if (!containerTypes.includes(type.toLowerCase()) || !version) return [];
  const repository = `${told.namespace ?? told.owner?.login ?? ''}/${told.name}`.toLowerCase();
  return [{ name: 'pushed', repository, ...describedIn(version), ...namedIn(version) }];
}

function namedIn({ version, package_url: url, container_metadata: metadata }: Version): Named {
  const { tag, manifest } = metadata ?? {};
  // What is not known is left out or empty.
  const digests = [tag?.digest, manifest?.digest, /^sha256:.*$/.exec(version ?? '')?.[0]];
  return { tag: tag?.name ?? tagIn(url), digest: digests.find(Boolean) };
}

/** Of `ghcr.io/owner/name:tag`; the address of an untagged version ends with a bare colon. */
function tagIn(url: string | null | undefined): string | undefined {
  return /:([^/:]*)$/.exec(url ?? '')?.[1];
}

function describedIn({ container_metadata: metadata, ...version }: Version): Partial<ToldImage> {
  const { manifest } = metadata ?? {};
  return {
    mediaType: manifest?.media_type,
    artifactType: manifest?.config?.media_type,
    size: manifest?.size,
    at: version.updated_at ?? version.created_at,
  };
}
