import { z } from 'zod';
import type { RawWebhook } from './raw-webhook.js';
import { malformedBy, Refusal } from './refusal.js';
import { readWebhookJson } from './webhook-json.js';

/**
 * A CloudEvent as it came over HTTP. `id` and `source` together name it.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export const ReceivedCloudEvent = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(1024),
  source: z.string().min(1).max(2048),
  type: z.string().min(1).max(1024),
  subject: z.string().max(2048).optional().catch(undefined),
  time: z.string().max(64).optional().catch(undefined),
  data: z.unknown().optional(),
});
export type ReceivedCloudEvent = z.output<typeof ReceivedCloudEvent>;

// Azure Event Grid's largest batch.
const maxBatch = 5000;

/**
 * Reads the CloudEvents of a delivery: structured, a batch, or binary (attributes in headers, data as the body).
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 *
 * A list is taken for a batch whatever the content type says: Azure's documentation shows lists under both.
 */
export function readCloudEvents(delivery: RawWebhook): ReceivedCloudEvent[] | Refusal {
  const json = readWebhookJson(delivery.body);
  if (json instanceof Refusal) return json;
  if (delivery.headers['ce-specversion'] !== undefined)
    return parseAll([{ ...attributesIn(delivery), data: json.value }]);
  return parseAll(Array.isArray(json.value) ? json.value : [json.value]);
}

function parseAll(values: readonly unknown[]): ReceivedCloudEvent[] | Refusal {
  if (values.length === 0 || values.length > maxBatch)
    return new Refusal('malformed', `it holds no events, or more than ${maxBatch}`);
  const events = z.array(z.preprocess(withDecodedData, ReceivedCloudEvent)).safeParse(values);
  return events.success ? events.data : malformedBy(events.error);
}

function attributesIn({ headers }: RawWebhook): Record<string, unknown> {
  const names = ['specversion', 'id', 'source', 'type', 'subject', 'time'];
  return Object.fromEntries(names.map((name) => [name, decoded(headers[`ce-${name}`])]));
}

// Section 3.1.3.2 of the binding: values are percent-encoded where they leave printable ASCII.
function decoded(value: string | string[] | undefined): unknown {
  if (typeof value !== 'string') return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Structured events may hold their data as base64, for example those of a broker that does not look at it. */
function withDecodedData(event: unknown): unknown {
  if (typeof event !== 'object' || event === null || !('data_base64' in event)) return event;
  if (typeof event.data_base64 !== 'string') return event;
  const json = readWebhookJson(Buffer.from(event.data_base64, 'base64'));
  return json instanceof Refusal ? event : { ...event, data: json.value };
}
