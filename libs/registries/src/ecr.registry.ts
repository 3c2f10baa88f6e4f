import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { hearEventBridgeEvent } from './eventbridge-event.js';
import type { HandshakeAnswer } from './handshake-answer.js';
import type { Hearing } from './notified-image.js';
import type { RawWebhook } from './raw-webhook.js';
import { Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { baseSettings, PasswordCredentials } from './registry-settings.js';
import { verifyHeaderSecret } from './verification/header-secret.js';
import { noWebhook } from './verification/live-secrets.js';
import { SnsMessage } from './verification/sns-message.js';
import { verifySnsSignature } from './verification/sns-signature.js';
import { snsHost, SnsTopicArn } from './verification/sns-topic.js';
import type { TrustSources } from './verification/trust-sources.js';
import type { Verified } from './verification/verified.js';
import { readWebhook } from './webhook-json.js';
import { anyWebhook, WebhookSettings } from './webhook-settings.js';

const SnsWebhook = z.strictObject({
  topicArn: SnsTopicArn.describe('The topic that is subscribed; messages of any other are refused'),
  allowSha1: z
    .boolean()
    .optional()
    .describe('Take signature version 1 too; better, set SignatureVersion 2 on the topic'),
  ...anyWebhook,
});

const EcrSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('ecr'),
  credentials: PasswordCredentials.optional().describe(
    'The user AWS and a password of `aws ecr get-login-password`, which holds for twelve hours',
  ),
  webhook: z
    .union([WebhookSettings, SnsWebhook], {
      error: 'is neither { secret, … } for an API destination of EventBridge nor { topicArn, … } for SNS',
    })
    .optional()
    .describe('Without it, POST /webhooks/<name> answers 404'),
});
type EcrSettings = z.output<typeof EcrSettings>;

/** Amazon Elastic Container Registry. */
export const ecr = defineRegistry({
  kind: 'ecr',
  settings: EcrSettings,
  manual: {
    title: 'Amazon Elastic Container Registry',
    documentation: [
      'https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html',
      'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html',
      'https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html',
    ],
    proof:
      'By an API destination of EventBridge, a header holds the secret. By SNS, an RSA signature (version 2, SHA-256), whose certificate is taken only from the host of SNS in the region of the configured topic.',
    peculiarities: [
      'Events are emitted as best effort: let sync reconcile too.',
      'EventBridge waits five seconds and tries for 24 hours, SNS fifteen seconds and for an hour at most; both keep the id. An event that comes by both ways is one event.',
      'The subscription of an SNS topic is confirmed by itself, at an address that is made of the configured topic and the token of the signed message; the `SubscribeURL` is not called. This service must be able to reach that host.',
      'Raw message delivery of SNS has no signature and is refused.',
      'Account and region of an event must be those of the host, `<account>.dkr.ecr.<region>.amazonaws.com`, where it has that form; other events are of no interest.',
      'Heard are successful pushes and deletions (`ECR Image Action`).',
    ],
    example: `- name: amazon
  kind: ecr
  host: 123456789012.dkr.ecr.eu-west-1.amazonaws.com
  webhook:
    topicArn: arn:aws:sns:eu-west-1:123456789012:ecr-events`,
    setUp: ({ address }) => `A rule sends the events to a topic, and the topic to Pratique:

\`\`\`sh
aws sns create-topic --name ecr-events --attributes SignatureVersion=2
aws events put-rule --name ecr-events \\
  --event-pattern '{"source":["aws.ecr"],"detail-type":["ECR Image Action"]}'
aws events put-targets --rule ecr-events --targets Id=sns,Arn=<arn of the topic>
aws sns subscribe --topic-arn <arn of the topic> --protocol https \\
  --notification-endpoint ${address}
\`\`\`

Without SNS: a connection with an API key (the header \`Authorization\`, the value \`Bearer <secret>\`), an API
destination with the method \`POST\` and the endpoint \`${address}\`, and the same rule with that destination as its
target. The entry then has \`webhook: { secret: … }\`.`,
  },
  webhook: {
    afterRefusal: 'gives-up',
    verify,
    normalise,
  },
});

function verify(
  request: RawWebhook,
  { webhook }: EcrSettings,
  sources: TrustSources,
): Verified | Refusal | Promise<Verified | Refusal> {
  if (webhook === undefined) return noWebhook();
  return 'topicArn' in webhook
    ? verifySnsSignature(request, webhook, sources)
    : verifyHeaderSecret(request, webhook);
}

const InEnvelope = z.object({ Type: z.string(), TopicArn: z.string() });

function normalise(verified: Verified, settings: EcrSettings): HeardEvent[] | HandshakeAnswer | Refusal {
  const { name: registry, host, webhook } = settings;
  const hearing = { registry, receivedAt: verified.receivedAt };
  const topicArn = webhook !== undefined && 'topicArn' in webhook ? webhook.topicArn : undefined;
  return readWebhook(verified.body, InEnvelope) instanceof Refusal
    ? hearEventBridgeEvent(verified.body, { host, hearing })
    : hearSnsMessage(verified.body, { topicArn, host, hearing });
}

function hearSnsMessage(
  body: Buffer,
  { topicArn, host, hearing }: { topicArn: SnsTopicArn | undefined; host: string; hearing: Hearing },
): HeardEvent[] | HandshakeAnswer | Refusal {
  const read = readWebhook(body, SnsMessage);
  if (read instanceof Refusal) return read;
  const message = read.value;
  switch (message.Type) {
    case 'Notification':
      return hearEventBridgeEvent(Buffer.from(message.Message), { host, hearing });
    case 'SubscriptionConfirmation':
      // Without a topic in the settings nothing was signed, and nothing is confirmed.
      return topicArn === undefined ? [] : { answer: {}, visit: confirmation(topicArn, message.Token) };
    case 'UnsubscribeConfirmation':
      return [];
  }
}

/** https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html */
function confirmation(topicArn: SnsTopicArn, token: string): string {
  const query = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: topicArn, Token: token });
  return `https://${snsHost(topicArn)}/?${query.toString()}`;
}
