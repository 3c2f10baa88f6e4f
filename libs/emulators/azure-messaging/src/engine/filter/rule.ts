import type { FilterableMessage } from '../message.js';
import { compileCorrelationFilter } from './correlation-filter.js';
import { compileSqlFilter } from './sql-filter.js';

export type RuleOptions = { readonly name: string } & (
  { readonly sql: string } | { readonly correlation: Readonly<Record<string, unknown>> }
);

/** Compiles the rules of a subscription: it takes what any of them takes, and everything when it has none. */
export function compileRules(rules: readonly RuleOptions[]): (message: FilterableMessage) => boolean {
  if (rules.length === 0) return () => true;
  const compiled = rules.map((rule) =>
    'sql' in rule ? compileSqlFilter(rule.sql) : compileCorrelationFilter(rule.correlation),
  );
  return (message) => compiled.some((takes) => takes(message));
}
