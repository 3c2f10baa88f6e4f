import { diag, DiagLogLevel, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { Logger } from '@nestjs/common';
import type { Telemetry } from './telemetry.js';
import type { TraceSettings } from './telemetry.settings.js';

const exportMs = 2_000;
// A collector that is away is told of once in so many milliseconds; spans that find no room are dropped meanwhile.
const quietMs = 60_000;

/** Sends spans to a collector, in batches and beside the work: nothing waits for it, and nothing fails with it. */
export function exportTraces(service: string, { endpoint, headers, sampled }: TraceSettings): Telemetry {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: Object.fromEntries(Object.entries(headers).map(([name, secret]) => [name, secret.reveal()])),
    timeoutMillis: exportMs,
  });
  const processor = new BatchSpanProcessor({
    exporter,
    exportTimeoutMillis: exportMs,
    scheduledDelayMillis: 1_000,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'pratique' }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampled) }),
    spanProcessors: [processor],
  });
  tellTroubleSeldom();
  trace.setGlobalTracerProvider(provider);
  return {
    stop: async () => {
      trace.disable();
      await Promise.race([provider.shutdown().catch(() => undefined), elapsed(exportMs)]);
    },
  };
}

function tellTroubleSeldom(): void {
  const logger = new Logger('Telemetry');
  let told = -Infinity;
  const tell = (message: string): void => {
    if (performance.now() - told < quietMs) return;
    told = performance.now();
    const [error] = message.split('\n', 1);
    logger.warn({ msg: 'Traces could not be sent; the work goes on without them', error });
  };
  const nothing = (): void => undefined;
  const sink = { error: tell, warn: tell, info: nothing, debug: nothing, verbose: nothing };
  diag.setLogger(sink, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

function elapsed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
