import type { RawWebhook } from './raw-webhook.js';

/** Flips a bit near the end, where a proof is its most telling part. */
export function flipped(text: string): string {
  const at = Math.floor(text.length * 0.9);
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
}

export function withHeader(delivery: RawWebhook, name: string, value: string): RawWebhook {
  return { ...delivery, headers: { ...delivery.headers, [name]: value } };
}

export function withFlippedHeader(delivery: RawWebhook, name: string): RawWebhook {
  return withHeader(delivery, name, flipped(String(delivery.headers[name])));
}
