import type { RawWebhook } from '../raw-webhook.js';
import type { Refusal } from '../refusal.js';
import { type LiveSecrets, notAuthenticated, noWebhook, someLiveSecret } from './live-secrets.js';
import { sameSecret } from './same-secret.js';
import { admit, type Verified } from './verified.js';

/**
 * For senders that can be told nothing but an address: its last part is the secret. An address is written down in more
 * places than a header (the sender's page, proxies), so only kinds that can do nothing else use this.
 */
export function verifyPathToken(request: RawWebhook, webhook: LiveSecrets | undefined): Verified | Refusal {
  if (webhook === undefined) return noWebhook();
  const { pathToken = '' } = request;
  if (pathToken === '') return notAuthenticated('the address does not end with a token');
  return someLiveSecret(webhook, (secret) => sameSecret(pathToken, secret))
    ? admit(request)
    : notAuthenticated('the address ends with something else than the token');
}
