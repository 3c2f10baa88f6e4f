import type { RawWebhook } from './raw-webhook.js';

/** Whether a body is a form, by what its sender says. */
export function isForm({ headers }: Pick<RawWebhook, 'headers'>): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
}

/** The JSON that a delivery brings: its body, or the field `payload` of a form. A form without one brings nothing. */
export function payloadOf({ headers, body }: Pick<RawWebhook, 'headers' | 'body'>): Buffer {
  if (!isForm({ headers })) return body;
  return Buffer.from(new URLSearchParams(body.toString('utf8')).get('payload') ?? '');
}
