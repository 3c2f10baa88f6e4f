import type { PropertyValue } from '../message.js';
import type { Truth } from './three-valued.js';

/** A value in a filter; `undefined` means that the message has no such property. */
export type Operand = PropertyValue | undefined;

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

type Comparable = string | number | bigint | boolean;

/** What each comparison makes of "less" (-1), "equal" (0) and "greater" (1). */
const HOLDS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** Compares as a SQL filter does: numbers with numbers, text by code unit; null, missing and unlike kinds are unknown. */
export function compareValues(comparison: Comparison, left: Operand, right: Operand): Truth {
  const kind = kindOf(left);
  const [first, second] = [comparable(left), comparable(right)];
  if (first === undefined || second === undefined || kind !== kindOf(right)) return undefined;
  const ordersBooleans = kind === 'boolean' && comparison !== '=' && comparison !== '<>';
  return ordersBooleans ? undefined : HOLDS[comparison](orderOf(first, second));
}

function orderOf(first: Comparable, second: Comparable): number {
  if (first < second) return -1;
  return first > second ? 1 : 0;
}

function comparable(value: Operand): Comparable | undefined {
  const simple = value instanceof Date ? value.getTime() : value;
  return simple === null || Number.isNaN(simple) ? undefined : simple;
}

function kindOf(value: Operand): string {
  if (value instanceof Date) return 'date';
  return typeof value === 'bigint' ? 'number' : typeof value;
}
