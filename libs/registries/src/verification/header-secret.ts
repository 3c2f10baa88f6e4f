import type { RawWebhook } from '../raw-webhook.js';
import type { Refusal } from '../refusal.js';
import { type LiveSecrets, notAuthenticated, noWebhook, someLiveSecret } from './live-secrets.js';
import { sameSecret } from './same-secret.js';
import { admit, type Verified } from './verified.js';

const bearer = /^Bearer +(.+)$/i;

/**
 * For senders that sign nothing and can only repeat a secret in a header: `Authorization: Bearer <secret>`, or a header
 * of the operator's choice with the secret as its whole value. While a secret is being changed, the previous one holds too.
 */
export function verifyHeaderSecret(
  request: RawWebhook,
  webhook: (LiveSecrets & { header?: string | undefined }) | undefined,
): Verified | Refusal {
  if (webhook === undefined) return noWebhook();
  const header = webhook.header?.toLowerCase() ?? 'authorization';
  const value = headerValue(request, header);
  const sent = header === 'authorization' && value !== undefined ? bearer.exec(value)?.[1] : value;
  return sent === undefined ? missing(header) : compare(request, webhook, { header, sent });
}

/** For senders that copy the secret into a header as it is: no scheme is added, and none is taken away. */
export function verifyHeaderValue(
  request: RawWebhook,
  webhook: LiveSecrets | undefined,
  header: string,
): Verified | Refusal {
  if (webhook === undefined) return noWebhook();
  const sent = headerValue(request, header);
  return sent === undefined ? missing(header) : compare(request, webhook, { header, sent });
}

function compare(
  request: RawWebhook,
  secrets: LiveSecrets,
  { header, sent }: { header: string; sent: string },
): Verified | Refusal {
  return someLiveSecret(secrets, (secret) => sameSecret(sent, secret))
    ? admit(request)
    : notAuthenticated(`the header ${header} does not hold the secret`);
}

function missing(header: string): Refusal {
  return notAuthenticated(`the header ${header} is missing or not in the expected form`);
}

/** The value of a header that was sent once and is not empty. */
export function headerValue({ headers }: Pick<RawWebhook, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
