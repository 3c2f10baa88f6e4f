import type { FilterableMessage } from '../message.js';
import { compareValues, type Comparison } from './compare-values.js';
import { FilterError } from './filter-error.js';
import type { PropertyReader } from './filter-property.js';
import { likePattern } from './like-pattern.js';
import { SqlCursor } from './sql-cursor.js';
import { parseOperand, parseProperty } from './sql-operand.js';
import { sqlTokens } from './sql-tokens.js';
import { and, not, or, type Truth } from './three-valued.js';

type Predicate = (message: FilterableMessage) => Truth;

/** Parentheses and NOTs inside each other; a filter a person writes stays far below. */
const MAX_DEPTH = 32;
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/**
 * Compiles a SQL filter: comparisons, IN, LIKE, IS [NOT] NULL, EXISTS, AND, OR, NOT and parentheses over literals, user
 * properties and `sys.` properties. A message matches only when the result is true, not when it is unknown.
 * Throws FilterError. https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-sql-filter
 */
export function compileSqlFilter(sql: string): (message: FilterableMessage) => boolean {
  const predicate = new SqlParser(new SqlCursor(sqlTokens(sql))).parse();
  return (message) => predicate(message) === true;
}

/** Recursive descent: OR binds weakest, then AND, then NOT, then conditions. */
class SqlParser {
  private depth = 0;

  constructor(private readonly cursor: SqlCursor) {}

  parse(): Predicate {
    const predicate = this.disjunction();
    if (this.cursor.current !== undefined) throw this.cursor.unexpected();
    return predicate;
  }

  private disjunction(): Predicate {
    let left = this.conjunction();
    while (this.cursor.takeKeyword('OR')) {
      const [first, second] = [left, this.conjunction()];
      left = (message) => or(first(message), second(message));
    }
    return left;
  }

  private conjunction(): Predicate {
    let left = this.negation();
    while (this.cursor.takeKeyword('AND')) {
      const [first, second] = [left, this.negation()];
      left = (message) => and(first(message), second(message));
    }
    return left;
  }

  private negation(): Predicate {
    if (!this.cursor.takeKeyword('NOT')) return this.primary();
    const inner = this.nested(() => this.negation());
    return (message) => not(inner(message));
  }

  private primary(): Predicate {
    if (this.cursor.takeSymbol('(')) {
      const inner = this.nested(() => this.disjunction());
      this.cursor.expectSymbol(')');
      return inner;
    }
    if (this.cursor.takeKeyword('EXISTS')) return this.exists();
    return this.condition(parseOperand(this.cursor));
  }

  private exists(): Predicate {
    this.cursor.expectSymbol('(');
    const property = parseProperty(this.cursor);
    this.cursor.expectSymbol(')');
    return (message) => property(message) !== undefined;
  }

  private condition(left: PropertyReader): Predicate {
    if (this.cursor.takeKeyword('IS')) return this.isNull(left);
    if (this.cursor.takeKeyword('NOT')) {
      const positive = this.membership(left);
      return (message) => not(positive(message));
    }
    const comparison = this.takeComparison();
    if (comparison === undefined) return this.membership(left);
    const right = parseOperand(this.cursor);
    return (message) => compareValues(comparison, left(message), right(message));
  }

  private isNull(left: PropertyReader): Predicate {
    const negated = this.cursor.takeKeyword('NOT');
    this.cursor.expectKeyword('NULL');
    return (message) => ((left(message) ?? null) === null) !== negated;
  }

  private membership(left: PropertyReader): Predicate {
    if (this.cursor.takeKeyword('IN')) return this.inList(left);
    if (this.cursor.takeKeyword('LIKE')) return this.like(left);
    throw this.cursor.unexpected();
  }

  private inList(left: PropertyReader): Predicate {
    this.cursor.expectSymbol('(');
    const members = [parseOperand(this.cursor)];
    while (this.cursor.takeSymbol(',')) members.push(parseOperand(this.cursor));
    this.cursor.expectSymbol(')');
    return (message) => {
      const equal = members.map((member) => compareValues('=', left(message), member(message)));
      return equal.reduce<Truth>((found, next) => or(found, next), false);
    };
  }

  private like(left: PropertyReader): Predicate {
    const pattern = this.cursor.expectString();
    const escape = this.cursor.takeKeyword('ESCAPE') ? this.cursor.expectString() : undefined;
    const matches = likePattern(pattern, escape);
    return (message) => {
      const value = left(message);
      return typeof value === 'string' ? matches(value) : undefined;
    };
  }

  private takeComparison(): Comparison | undefined {
    const { current } = this.cursor;
    const comparison = current?.kind === 'symbol' ? COMPARISONS[current.text] : undefined;
    if (comparison !== undefined) this.cursor.take('symbol');
    return comparison;
  }

  private nested<T>(parse: () => T): T {
    this.depth += 1;
    if (this.depth > MAX_DEPTH)
      throw new FilterError('too-large', `A SQL filter may be nested ${MAX_DEPTH} deep.`);
    const result = parse();
    this.depth -= 1;
    return result;
  }
}
