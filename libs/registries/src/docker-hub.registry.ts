import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { hearImages } from './hear-image.js';
import { Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { verifyPathToken } from './verification/path-token.js';
import type { Verified } from './verification/verified.js';
import { readWebhook } from './webhook-json.js';
import { PathWebhook } from './webhook-settings.js';

const DockerHubSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('docker-hub'),
  credentials: PasswordCredentials.optional().describe(
    'A user and an access token; without them, Pratique pulls anonymously',
  ),
  webhook: PathWebhook.optional().describe('Without it, POST /webhooks/<name>/<token> answers 404'),
});

/** Docker Hub. */
export const dockerHub = defineRegistry({
  kind: 'docker-hub',
  settings: DockerHubSettings,
  manual: {
    title: 'Docker Hub',
    documentation: ['https://docs.docker.com/docker-hub/repos/manage/webhooks/'],
    proof:
      'It can neither sign nor send a header. The only secret is the end of the address, which is therefore long, can be changed without a gap, and is never logged.',
    peculiarities: [
      'It tells only of pushes of a tag, and names no digest: whoever acts resolves the tag, so that a forged delivery can at most make Pratique look.',
      'It gives no id; repository, tag and the second of the push are the identity of the event.',
      'The `callback_url` in the body is never called.',
      'Images whose repository has no namespace are those of `library/`.',
      'The registry of `docker.io` answers at `registry-1.docker.io`: that is the host to configure.',
    ],
    example: `- name: hub
  kind: docker-hub
  host: registry-1.docker.io
  webhook:
    secret: { env: HUB_WEBHOOK_TOKEN }
    repositories: [contoso/*]`,
    setUp: ({
      address,
    }) => `Make a token with \`openssl rand -hex 32\`, give it to Pratique, and in _Repository → Webhooks_ enter
\`${address}/<token>\` as the webhook URL. It must be done for each repository.`,
  },
  webhook: {
    afterRefusal: 'gives-up',
    secretInAddress: true,
    verify: (request, { webhook }) => verifyPathToken(request, webhook),
    normalise,
  },
});

const Push = z.object({
  push_data: z.object({
    tag: z.string().min(1).max(255),
    pushed_at: z.unknown().optional(),
    pusher: z.unknown().optional(),
    media_type: z.unknown().optional(),
  }),
  repository: z.object({ repo_name: z.string().min(1).max(255) }),
});

function normalise(
  { body, receivedAt }: Verified,
  { name }: z.output<typeof DockerHubSettings>,
): HeardEvent[] | Refusal {
  const push = readWebhook(body, Push);
  if (push instanceof Refusal) return push;
  const { tag, pushed_at: at, pusher: actor, media_type: mediaType } = push.value.push_data;
  const { repo_name: named } = push.value.repository;
  const repository = named.includes('/') ? named : `library/${named}`;
  return hearImages([{ name: 'pushed', repository, tag, at, actor, mediaType }], {
    registry: name,
    receivedAt,
  });
}
