import { z } from 'zod';
import { hearDistributionEnvelope } from './distribution-envelope.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { verifyHeaderSecret } from './verification/header-secret.js';

const GitLabSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('gitlab'),
  credentials: PasswordCredentials.optional().describe(
    'A deploy token with read_registry; without it, Pratique pulls anonymously',
  ),
});

/** The container registry of a GitLab that one runs oneself. */
export const gitlab = defineRegistry({
  kind: 'gitlab',
  settings: GitLabSettings,
  manual: {
    title: 'GitLab container registry',
    documentation: [
      'https://docs.gitlab.com/administration/packages/container_registry/#configure-container-registry-notifications',
    ],
    proof:
      'It signs nothing; it sends the headers that `gitlab.rb` lists, and one of them holds the secret. `X-Gitlab-Token` belongs to other webhooks and is not sent.',
    peculiarities: [
      'Only a self-managed GitLab notifies, for the whole instance. GitLab.com and the webhooks of projects have no event for images.',
      'The registry is a fork of CNCF Distribution and sends its format: what is said there of blobs, reads and deletions holds here too.',
      'It repeats what is refused for ever and in order, from memory: a restart loses what waits.',
      'Newer versions add a token of the user to the actor: it is neither read nor passed on.',
    ],
    example: `- name: gitlab
  kind: gitlab
  host: registry.gitlab.example
  webhook:
    secret: { env: GITLAB_WEBHOOK_SECRET }
    repositories: [platform/**]`,
    setUp: ({ address }) => `In \`/etc/gitlab/gitlab.rb\`, followed by \`gitlab-ctl reconfigure\`:

\`\`\`ruby
registry['notifications'] = [
  {
    'name' => 'pratique',
    'url' => '${address}',
    'timeout' => '5s',
    'threshold' => 5,
    'backoff' => '10s',
    'headers' => { 'Authorization' => ['Bearer <secret>'] }
  }
]
\`\`\``,
  },
  webhook: {
    afterRefusal: 'retries-for-ever',
    verify: (request, { webhook }) => verifyHeaderSecret(request, webhook),
    normalise: ({ body, receivedAt }, { name }) =>
      hearDistributionEnvelope(body, { registry: name, receivedAt }),
  },
});
