import { MessagingMetrics } from '@pratique/messaging';
import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import { IngressMetrics } from '../../apps/ingress/src/ingress-metrics.js';

// What Prometheus itself adds to whatever it collects.
const fromPrometheus = ['instance', 'job'];
// What libs/service adds.
const onEverything = ['service'];

/** The series that the services show at `/metrics`, each with its labels. */
export function knownMetrics(): Map<string, Set<string>> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new MessagingMetrics(registry);
  new IngressMetrics(registry).watch({ deliveries: 0, bytes: 0 });
  const known = new Map<string, Set<string>>();
  for (const { name, type } of registry.getMetricsAsArray()) {
    const { labelNames = [] } = registry.getSingleMetric(name) as Metric & { labelNames?: string[] };
    const labels = new Set([...labelNames, ...fromPrometheus, ...onEverything]);
    for (const series of seriesOf(name, String(type))) known.set(series, labels);
  }
  return known;
}

function seriesOf(name: string, type: string): string[] {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
  return type === 'summary' ? [name, `${name}_sum`, `${name}_count`] : [name];
}
