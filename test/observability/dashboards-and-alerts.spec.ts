import { readFileSync } from 'node:fs';
import { outcomeSchemas, outcomeType, type OutcomeKind } from '@pratique/contracts';
import { knownMetrics } from './known-metrics.js';
import { parseQuery } from './promql.js';
import { alerts, panels, queries } from './queries.js';

describe('observability', () => {
  const known = knownMetrics();

  it.each(queries)('asks only for what the services show: $where', ({ expr, shown }) => {
    const { metrics, labels } = parseQuery(expr);
    const shownLabels = [...shown.matchAll(/\{\{\$?(\w+)\}\}/g)].map(([, label = '']) => label);

    expect(metrics.filter((metric) => !known.has(metric))).toEqual([]);
    const every = metrics.flatMap((metric) => [...(known.get(metric) ?? [])]);
    expect([...labels, ...shownLabels].filter((label) => !every.includes(label))).toEqual([]);
  });

  it('looks at every metric of ours somewhere', () => {
    const asked = new Set(queries.flatMap(({ expr }) => parseQuery(expr).metrics));
    const ours = [...known.keys()].filter(
      (name) => name.startsWith('pratique_') && !/_(sum|count)$/.test(name),
    );

    expect(ours.filter((name) => !asked.has(name) && name !== 'pratique_journal_bytes')).toEqual([]);
  });

  it('names only outcomes that there are', () => {
    const types = (Object.keys(outcomeSchemas) as OutcomeKind[]).map(outcomeType);
    const patterns = queries.flatMap(({ expr }) =>
      [...expr.matchAll(/type=~?"([^"]+)"/g)].map(([, text = '']) => text),
    );

    expect(patterns.length).toBeGreaterThan(0);
    for (const pattern of patterns)
      expect(types.filter((type) => new RegExp(`^(?:${pattern})$`).test(type))).not.toEqual([]);
  });

  it('says in docs/running.md what to do about each alert', () => {
    const manual = readFileSync('docs/running.md', 'utf8');

    expect(
      alerts.filter(({ alert }) => !manual.includes(`### ${alert}\n`)).map(({ alert }) => alert),
    ).toEqual([]);
  });

  it('gives every panel a number of its own', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  it.each(['rate(pratique_webhooks_total[5m]', 'sum by (', '{job="x"}', 'rate(x[5 parsecs])'])(
    'would refuse %s',
    (text) => {
      expect(() => parseQuery(text)).toThrow(SyntaxError);
    },
  );
});
