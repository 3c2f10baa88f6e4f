import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { boundedList } from './bounded-list.js';
import { hearImages } from './hear-image.js';
import { receiptWindow } from './receipt-window.js';
import { Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { verifyPathToken } from './verification/path-token.js';
import type { Verified } from './verification/verified.js';
import { readWebhook } from './webhook-json.js';
import { PathWebhook } from './webhook-settings.js';

const QuaySettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('quay'),
  credentials: PasswordCredentials.optional().describe(
    'A robot account; without it, Pratique pulls anonymously',
  ),
  webhook: PathWebhook.optional().describe('Without it, POST /webhooks/<name>/<token> answers 404'),
});

/** Quay: quay.io and Red Hat Quay. */
export const quay = defineRegistry({
  kind: 'quay',
  settings: QuaySettings,
  manual: {
    title: 'Quay',
    documentation: [
      'https://docs.quay.io/guides/notifications.html',
      'https://docs.projectquay.io/use_quay.html',
    ],
    proof:
      'It can neither sign nor send a header. The only secret is the end of the address, which is therefore long, can be changed without a gap, and is never logged.',
    peculiarities: [
      'After three deliveries that failed in a row it switches the notification off until somebody resets it. So a repository that was not agreed is answered 200, and an answer of 503 deserves an alert.',
      'It names neither digest nor id nor time: two real pushes of a tag are the same bytes. Deliveries of the same tag within one minute count as one event.',
      'The body does not name its event. `updated_tags` is what only a push has; everything else (scans, builds, mirrors, quotas) is of no interest.',
      'A push by digest alone is not told.',
    ],
    example: `- name: quay
  kind: quay
  host: quay.io
  webhook:
    secret: { env: QUAY_WEBHOOK_TOKEN }`,
    setUp: ({
      address,
    }) => `Make a token with \`openssl rand -hex 32\`, give it to Pratique, and in _Repository → Settings → Events and
notifications_ create a notification for _Push to repository_ with the method _Webhook POST_ and the URL
\`${address}/<token>\`. Leave the POST body template empty.`,
  },
  webhook: {
    afterRefusal: 'switches-off',
    secretInAddress: true,
    verify: (request, { webhook }) => verifyPathToken(request, webhook),
    normalise,
  },
});

// Version 2 of its push protocol names one tag, the old one named all of an image.
const Notification = z.object({
  repository: z.string().max(255).nullish(),
  updated_tags: boundedList(z.string().min(1).max(255), { max: 1000 }).nullish(),
});

function normalise(
  { body, receivedAt }: Verified,
  { name }: z.output<typeof QuaySettings>,
): HeardEvent[] | Refusal {
  const notification = readWebhook(body, Notification);
  if (notification instanceof Refusal) return notification;
  const { repository, updated_tags: tags } = notification.value;
  if (!tags) return [];
  return hearImages(
    [...new Set(tags)].map((tag) => ({
      name: 'pushed',
      repository,
      tag,
      identity: [repository ?? '', tag, receiptWindow(receivedAt)],
    })),
    { registry: name, receivedAt },
  );
}
