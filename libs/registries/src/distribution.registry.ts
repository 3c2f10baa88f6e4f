import { hearDistributionEnvelope } from './distribution-envelope.js';
import { DistributionSettings } from './distribution-settings.js';
import { defineRegistry } from './registry.js';
import { verifyHeaderSecret } from './verification/header-secret.js';

/** CNCF Distribution: `registry:2`, `registry:3`, Debian's `docker-registry`. */
export const distribution = defineRegistry({
  kind: 'distribution',
  settings: DistributionSettings,
  manual: {
    title: 'CNCF Distribution',
    documentation: ['https://distribution.github.io/distribution/about/notifications/'],
    proof:
      'It signs nothing; it sends the headers that its configuration lists, and one of them holds the secret.',
    peculiarities: [
      'It waits one second, then tries the same event again, in order and for ever: an event that is refused holds back every later one until the registry is restarted, and then all of them are lost.',
      'It tells of blobs as of manifests, and of every read as of every write (`HEAD` included); only pushes and deletions of manifests become events.',
      'Deleting a manifest is told once with the digest, and once more for each of its tags, without a digest.',
      'Deleting a blob looks exactly like deleting a manifest: repository and digest, no media type, no address. It is passed on as a deletion; whoever acts on one finds that no image has that digest.',
      "An index names its children's events in no way: each child is a push by digest, the index a push by tag.",
      'Each start of the registry has an id of its own (`source.instanceID`); it is passed on, so that what was lost with the last one can be looked for.',
    ],
    example: `- name: development
  kind: distribution
  host: registry.example:5000
  webhook:
    secret: { env: DEVELOPMENT_WEBHOOK_SECRET }`,
    setUp: ({ address }) => `In the registry's \`config.yml\`:

\`\`\`yaml
notifications:
  endpoints:
    - name: pratique
      url: ${address}
      headers:
        Authorization: [Bearer <secret>]
      timeout: 5s
      threshold: 5
      backoff: 10s
      ignoredmediatypes: [application/octet-stream]
\`\`\``,
  },
  webhook: {
    afterRefusal: 'retries-for-ever',
    verify: (request, settings) => verifyHeaderSecret(request, settings.webhook),
    normalise: ({ body, receivedAt }, { name }) =>
      hearDistributionEnvelope(body, { registry: name, receivedAt }),
  },
});
