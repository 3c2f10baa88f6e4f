import type { Operand } from './compare-values.js';
import { FilterError } from './filter-error.js';
import { type PropertyReader, systemProperty, userProperty } from './filter-property.js';
import { type SqlCursor, sqlNotImplemented } from './sql-cursor.js';

/** Reads a literal or a property. Throws FilterError. */
export function parseOperand(cursor: SqlCursor): PropertyReader {
  const literal = parseLiteral(cursor);
  if (literal === undefined) return parseProperty(cursor);
  const { value } = literal;
  return () => value;
}

/** Reads `name`, `user.name` or `sys.Name`. Throws FilterError. */
export function parseProperty(cursor: SqlCursor): PropertyReader {
  const first = cursor.expectName();
  if (cursor.isSymbol('(')) throw sqlNotImplemented(`function ${first}()`);
  if (!cursor.takeSymbol('.')) return userProperty(first);
  const name = cursor.expectName();
  if (first.toLowerCase() === 'sys') return systemProperty(name);
  if (first.toLowerCase() === 'user') return userProperty(name);
  throw new FilterError(
    'syntax',
    `'${first}.' is no scope; use sys. or user., or write the name as [${first}.${name}].`,
  );
}

function parseLiteral(cursor: SqlCursor): { readonly value: Operand } | undefined {
  if (cursor.takeSymbol('-')) return { value: parseNumber(`-${cursor.take('number') ?? ''}`) };
  const number = cursor.take('number');
  if (number !== undefined) return { value: parseNumber(number) };
  const text = cursor.take('string');
  if (text !== undefined) return { value: text };
  if (cursor.takeKeyword('TRUE')) return { value: true };
  return cursor.takeKeyword('FALSE') ? { value: false } : undefined;
}

/** Whole numbers keep all their digits, as AMQP longs do. */
function parseNumber(text: string): number | bigint {
  if (text === '-') throw sqlNotImplemented('arithmetic');
  const isWhole = /^-?\d+$/.test(text);
  return isWhole && !Number.isSafeInteger(Number(text)) ? BigInt(text) : Number(text);
}
