import { z } from 'zod';
import type { HandshakeAnswer } from '../handshake-answer.js';
import type { RawWebhook } from '../raw-webhook.js';
import { headerValue } from './header-secret.js';

/** The senders that may announce themselves with `OPTIONS`, as they call themselves there. */
export const Origins = z
  .array(z.string().min(1).max(255))
  .min(1)
  .max(100)
  .describe(
    'Who may announce deliveries with OPTIONS (CloudEvents’ protection against abuse); without it, nobody',
  );

/**
 * Consent to be delivered to, or nothing: a sender is refused by leaving the headers out. It is no authentication: every
 * delivery proves itself afterwards.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#4-abuse-protection
 */
export function consentTo(
  request: Pick<RawWebhook, 'headers'>,
  origins: readonly string[] = [],
): HandshakeAnswer | undefined {
  const origin = headerValue(request, 'webhook-request-origin');
  if (origin === undefined || !origins.includes(origin)) return undefined;
  return { answer: { headers: { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' } } };
}
