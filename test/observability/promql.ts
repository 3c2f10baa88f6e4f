import type { SyntaxNode, SyntaxNodeRef } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Query {
  /** The metrics that the query names. */
  metrics: string[];
  /** Labels by which it selects or groups, other than the one of histograms' buckets. */
  labels: string[];
}

// Grafana puts a duration in the place of its variables before it asks.
const grafanaDuration = /\$__(?:rate_)?interval\b/g;

/**
 * Takes a query apart with Prometheus's own grammar.
 *
 * @throws SyntaxError where it is no PromQL
 */
export function parseQuery(text: string): Query {
  const source = text.replaceAll(grafanaDuration, '5m');
  const metrics = new Set<string>();
  const labels = new Set<string>();
  const textOf = ({ from, to }: SyntaxNodeRef | SyntaxNode): string => source.slice(from, to);
  parser.parse(source).iterate({
    enter: (node) => {
      if (node.type.isError) throw new SyntaxError(`no PromQL at ${node.from}: ${source}`);
      if (node.name === 'VectorSelector') {
        const name = node.node.getChild('Identifier');
        if (name === null) throw new SyntaxError(`a selector without a metric: ${source}`);
        metrics.add(textOf(name));
      }
      if (node.name === 'LabelName') labels.add(textOf(node));
    },
  });
  labels.delete('le');
  return { metrics: [...metrics], labels: [...labels] };
}
