import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { RawWebhook } from './raw-webhook.js';

const Recording = z.array(
  z.object({
    request: z.object({ url: z.string(), headers: z.record(z.string(), z.string()), at: z.iso.datetime() }),
    envelope: z.json(),
  }),
);

/** The secret of every recorded delivery: sent along, or the key of its signature. */
export const recordedSecret = 'not-a-secret';

/** What stands for the secret in the addresses of the recordings. */
export const recordedToken = 'not-a-secret-but-the-token-of-the-recordings';

/** The names of the recordings of a kind. */
export function recordingsOf(kind: string): string[] {
  return readdirSync(join(__dirname, 'fixtures', kind)).map((file) => file.replace(/\.json$/, ''));
}

/** The deliveries of a recording, byte for byte as the sender made them. */
export function recordedDeliveries(kind: string, recording: string): RawWebhook[] {
  const text = readFileSync(join(__dirname, 'fixtures', kind, `${recording}.json`), 'utf8');
  return Recording.parse(JSON.parse(text)).map(({ request, envelope }) => ({
    headers: request.headers,
    body: bodyOf(envelope, Number(request.headers['content-length'])),
    receivedAt: new Date(request.at),
    pathToken: request.url.split('/')[3],
  }));
}

// Senders indent by nothing, two or three spaces; the recorded length tells which form was sent. Text is text (a form).
function bodyOf(envelope: unknown, length: number): Buffer {
  if (typeof envelope === 'string') return Buffer.from(envelope);
  const forms = [0, 2, 3].map((indent) => Buffer.from(JSON.stringify(envelope, null, indent)));
  const sent = forms.find((form) => form.length === length);
  if (sent === undefined) throw new Error(`no form of the envelope has ${length} bytes`);
  return sent;
}
