import type { RawWebhook } from '../raw-webhook.js';
import { Refusal } from '../refusal.js';
import type { WebhookSettings } from '../webhook-settings.js';
import { sameSecret } from './same-secret.js';
import { admit, type Verified } from './verified.js';

const bearer = /^Bearer +(.+)$/i;

/**
 * For senders that sign nothing and can only repeat a secret in a header: `Authorization: Bearer <secret>`, or a header
 * of the operator's choice with the secret as its whole value. While a secret is being changed, the previous one holds too.
 */
export function verifyHeaderSecret(
  request: RawWebhook,
  webhook: WebhookSettings | undefined,
): Verified | Refusal {
  if (webhook === undefined) return refuse('this registry has no webhook in the configuration');
  const { secret, previousSecret } = webhook;
  const header = webhook.header?.toLowerCase() ?? 'authorization';
  const sent = sentSecret(request, header);
  if (sent === undefined) return refuse(`the header ${header} is missing or not in the expected form`);
  const secrets = previousSecret === undefined ? [secret] : [secret, previousSecret];
  // Every secret is compared, also after a match, so that the time taken does not tell which one was right.
  const matches = secrets.map((known) => sameSecret(sent, known));
  return matches.includes(true) ? admit(request) : refuse(`the header ${header} does not hold the secret`);
}

function sentSecret(request: RawWebhook, header: string): string | undefined {
  const value = request.headers[header];
  if (typeof value !== 'string' || value === '') return undefined;
  return header === 'authorization' ? bearer.exec(value)?.[1] : value;
}

function refuse(explanation: string): Refusal {
  return new Refusal('not-authenticated', explanation);
}
