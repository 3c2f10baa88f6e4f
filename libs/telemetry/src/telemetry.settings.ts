import { SecretReference } from '@pratique/config';
import { z } from 'zod';

const HeaderName = z.string().regex(/^[a-z0-9-]{1,100}$/i, 'is not the name of an HTTP header');

const TraceSettings = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'is not an address such as http://otel-collector:4318' })
    .describe('Where OTLP over HTTP is taken, without /v1/traces'),
  headers: z
    .record(HeaderName, SecretReference)
    .default({})
    .describe('What the collector wants to see, such as a key'),
  sampled: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('The share of traces begun here that are told; one begun elsewhere is told if it was there'),
});
export type TraceSettings = z.output<typeof TraceSettings>;

/** The section `telemetry` of `pratique.yaml`. Metrics and logs need none: they are at `/metrics` and on standard output. */
export const TelemetrySettings = z
  .strictObject({ traces: TraceSettings.optional().describe('Without it, no trace leaves the process') })
  .prefault({});
export type TelemetrySettings = z.output<typeof TelemetrySettings>;
