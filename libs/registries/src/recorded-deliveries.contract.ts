import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { RawWebhook } from './raw-webhook.js';

const Recording = z.array(
  z.object({
    request: z.object({ headers: z.record(z.string(), z.string()), at: z.iso.datetime() }),
    envelope: z.json(),
  }),
);

/** The secret that every recorded delivery carries as `Authorization: Bearer`. */
export const recordedSecret = 'not-a-secret';

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
  }));
}

// Go's registries indent by three spaces; the recorded length tells which form was sent.
function bodyOf(envelope: unknown, length: number): Buffer {
  const compact = Buffer.from(JSON.stringify(envelope));
  return compact.length === length ? compact : Buffer.from(JSON.stringify(envelope, null, 3));
}
