import { isUtf8 } from 'node:buffer';
import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { hearImages } from './hear-image.js';
import { Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { verifyOidcToken } from './verification/oidc-token.js';
import type { Verified } from './verification/verified.js';
import { readWebhook } from './webhook-json.js';
import { anyWebhook } from './webhook-settings.js';

const googleKeys = 'https://www.googleapis.com/oauth2/v3/certs';
// Google's documentation names both forms.
const googleIssuers = ['https://accounts.google.com', 'accounts.google.com'];

const PubSubWebhook = z.strictObject({
  audience: z
    .string()
    .min(1)
    .max(2048)
    .describe('The audience of the push subscription; unless it was set there, the address of this webhook'),
  serviceAccount: z
    .email('is not the email address of a service account')
    .max(255)
    .describe('The account in whose name the subscription pushes'),
  issuers: z
    .array(z.string().min(1).max(255))
    .min(1)
    .max(10)
    .optional()
    .describe('Who may issue the tokens; without it, Google'),
  keys: z
    .url({ protocol: /^https$/, error: 'is not an https address' })
    .max(2048)
    .optional()
    .describe("Where the issuer publishes its keys; without it, Google's address"),
  ...anyWebhook,
});

const ArtifactRegistrySettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('artifact-registry'),
  credentials: PasswordCredentials.optional().describe(
    'The user _json_key_base64 and a key of a service account; without it, Pratique pulls anonymously',
  ),
  webhook: PubSubWebhook.optional().describe('Without it, POST /webhooks/<name> answers 404'),
});
type ArtifactRegistrySettings = z.output<typeof ArtifactRegistrySettings>;

/** Google's Artifact Registry, by a push subscription of Pub/Sub. */
export const artifactRegistry = defineRegistry({
  kind: 'artifact-registry',
  settings: ArtifactRegistrySettings,
  manual: {
    title: 'Google Artifact Registry',
    documentation: [
      'https://cloud.google.com/artifact-registry/docs/configure-notifications',
      'https://cloud.google.com/pubsub/docs/push',
      'https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions',
    ],
    proof:
      'A token signed by Google (OpenID Connect). Checked are signature, issuer, audience, time and the account: any Google account can obtain a token for any audience. This service must be able to reach the address of the keys.',
    peculiarities: [
      'Pub/Sub repeats what is not answered 2xx until its retention ends, seven days by default. So a repository that was not agreed is answered 200.',
      'One topic, `gcr`, tells of all repositories and regions of a project. What it tells of another host than the configured one is of no interest.',
      'Tag and digest are told as full references. A tag that is taken away is told without a digest, a push by digest without a tag.',
      'Messages must be wrapped, which is the default; the id of the message is the identity of the event.',
    ],
    example: `- name: google
  kind: artifact-registry
  host: europe-west1-docker.pkg.dev
  webhook:
    audience: https://pratique.example/webhooks/google
    serviceAccount: pratique-push@contoso.iam.gserviceaccount.com`,
    setUp: ({ address }) => `\`\`\`sh
gcloud pubsub topics create gcr
gcloud pubsub subscriptions create pratique --topic=gcr \\
  --push-endpoint=${address} \\
  --push-auth-service-account=<email address of the account> \\
  --push-auth-token-audience=${address}
\`\`\``,
  },
  webhook: {
    afterRefusal: 'retries-for-ever',
    verify: (request, { webhook }, sources) =>
      verifyOidcToken(
        request,
        webhook && {
          keys: webhook.keys ?? googleKeys,
          issuers: webhook.issuers ?? googleIssuers,
          audience: webhook.audience,
          email: webhook.serviceAccount,
        },
        sources,
      ),
    normalise,
  },
});

const Push = z.object({
  message: z.object({
    data: z
      .string()
      .max(1024 * 1024)
      .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'is not base64'),
    messageId: z.string().min(1).max(255),
    publishTime: z.unknown().optional(),
  }),
});

const Change = z.object({
  action: z.string().min(1).max(64),
  digest: z.string().max(2048).nullish(),
  tag: z.string().max(2048).nullish(),
});

const heardAs: ReadonlyMap<string, HeardEvent['name']> = new Map([
  ['INSERT', 'pushed'],
  ['DELETE', 'deleted'],
] as const);

function normalise(verified: Verified, settings: ArtifactRegistrySettings): HeardEvent[] | Refusal {
  const push = readWebhook(verified.body, Push);
  if (push instanceof Refusal) return push;
  const { data, messageId: id, publishTime: at } = push.value.message;
  const bytes = Buffer.from(data, 'base64');
  if (!isUtf8(bytes)) return new Refusal('malformed', 'the data of the message is not UTF-8');
  const change = readWebhook(bytes, Change);
  if (change instanceof Refusal) return change;
  const name = heardAs.get(change.value.action);
  const image = imageOf(change.value);
  if (name === undefined || image.host !== settings.host) return [];
  return hearImages([{ name, ...image, at, id }], {
    registry: settings.name,
    receivedAt: verified.receivedAt,
  });
}

/** `host/path@sha256:…` and `host/path:tag`, of which one may be missing; both are of the same image. */
function imageOf({ digest, tag }: z.output<typeof Change>): {
  host: string;
  repository: string;
  tag: string | undefined;
  digest: string | undefined;
} {
  const [ofDigest = '', digestPart] = (digest ?? '').split('@', 2);
  const [, ofTag = '', tagPart] = /^(.*?)(?::([^/:]*))?$/s.exec(tag ?? '') ?? [];
  const [host = '', ...path] = (ofTag === '' ? ofDigest : ofTag).split('/');
  return { host, repository: path.join('/'), tag: tagPart, digest: digestPart };
}
