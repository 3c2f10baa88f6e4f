import { createHmac } from 'node:crypto';
import { Secret } from '@pratique/config';
import type { RawWebhook } from '../raw-webhook.js';
import type { Refusal } from '../refusal.js';
import { headerValue } from './header-secret.js';
import { type LiveSecrets, notAuthenticated, noWebhook, someLiveSecret } from './live-secrets.js';
import { sameSecret } from './same-secret.js';
import { admit, type Verified } from './verified.js';

/** How a sender writes its signature down. */
export interface HmacScheme {
  /** The first of these headers that was sent, in lower case. */
  headers: readonly string[];
  algorithm: 'sha1' | 'sha256';
  /** Stands before the hexadecimal digits, such as `sha256=`. */
  prefix?: string;
}

/**
 * For senders that sign: HMAC with a shared secret, in lower-case hexadecimal digits. The signature is over the raw bytes
 * unless the sender signs something else than what it sends, which is then given as `signed`.
 */
export function verifyHmac(
  request: RawWebhook,
  webhook: LiveSecrets | undefined,
  { headers, algorithm, prefix = '', signed = request.body }: HmacScheme & { signed?: Buffer },
): Verified | Refusal {
  if (webhook === undefined) return noWebhook();
  const signature = signatureIn(request, headers, prefix);
  if (signature === undefined)
    return notAuthenticated(`there is no signature in the header ${headers.join(' or ')}`);
  // The signature that would be right is as secret as the key: whoever knows it can send this body.
  const matches = (secret: Secret): boolean => sameSecret(signature, expected(secret, algorithm, signed));
  return someLiveSecret(webhook, matches)
    ? admit(request)
    : notAuthenticated(`the signature in the header ${headers.join(' or ')} is not that of this body`);
}

/** Gitea sends the header also when no secret was entered there, with nothing in it: that is no signature. */
function signatureIn(request: RawWebhook, headers: readonly string[], prefix: string): string | undefined {
  const [header = ''] = headers.filter((name) => request.headers[name] !== undefined);
  const sent = headerValue(request, header);
  return sent?.startsWith(prefix) === true && sent !== prefix ? sent.slice(prefix.length) : undefined;
}

function expected(secret: Secret, algorithm: HmacScheme['algorithm'], signed: Buffer): Secret {
  return new Secret(createHmac(algorithm, secret.reveal()).update(signed).digest('hex'));
}
