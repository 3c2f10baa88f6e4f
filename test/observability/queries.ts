import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const Alert = z.strictObject({
  alert: z.string().regex(/^Pratique[A-Z][A-Za-z]+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+m$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
  annotations: z.strictObject({ summary: z.string().min(1), description: z.string().min(1) }),
});
/** https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
const RuleFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(Alert).min(1) })),
});
const Dashboard = z.object({
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string(),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).default([]),
    }),
  ),
});

export const alerts = RuleFile.parse(parse(readFileSync('observability/alerts.yaml', 'utf8'))).groups.flatMap(
  ({ rules }) => rules,
);
export const { panels } = Dashboard.parse(
  JSON.parse(readFileSync('observability/grafana-dashboard.json', 'utf8')),
);
/** Every query of the alerts and of the dashboard, with the text in which its labels are shown. */
export const queries = [
  ...alerts.map(({ alert, expr, annotations }) => ({
    where: alert,
    expr,
    shown: annotations.summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '{{$1}}'),
  })),
  ...panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({ where: title, expr, shown: legendFormat })),
  ),
];
