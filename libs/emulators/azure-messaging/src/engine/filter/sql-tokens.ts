import { FilterError } from './filter-error.js';

export type SqlToken =
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  /** A name in [brackets] or "quotes", which is never a keyword. */
  | { readonly kind: 'name'; readonly text: string; readonly at: number }
  | { readonly kind: 'string'; readonly text: string; readonly at: number }
  | { readonly kind: 'number'; readonly text: string; readonly at: number }
  | { readonly kind: 'symbol'; readonly text: string; readonly at: number };

/** Azure's own limit for the text of a SQL filter. */
const MAX_LENGTH = 1024;

const PATTERNS: readonly (readonly [SqlToken['kind'], RegExp])[] = [
  ['number', /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['word', /\p{L}[\p{L}\p{N}_]*/uy],
  ['name', /\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"/y],
  ['string', /'(?:[^']|'')*'/y],
  ['symbol', /<>|!=|<=|>=|[=<>(),.+\-*/%@]/y],
];

/**
 * Splits the text of a SQL filter. A bare name is a letter followed by letters, digits and underscores; any other goes in
 * [brackets] or "quotes". A doubled closing quote stands for one. Throws FilterError.
 * https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-sql-filter
 */
export function sqlTokens(sql: string): SqlToken[] {
  if (sql.length > MAX_LENGTH) {
    throw new FilterError(
      'too-large',
      `A SQL filter may have ${MAX_LENGTH} characters; this one has ${sql.length}.`,
    );
  }
  const tokens: SqlToken[] = [];
  for (let at = skipSpace(sql, 0); at < sql.length;) {
    const token = tokenAt(sql, at);
    tokens.push(token.token);
    at = skipSpace(sql, token.end);
  }
  return tokens;
}

function tokenAt(sql: string, at: number): { readonly token: SqlToken; readonly end: number } {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return { token: { kind, text: unquoted(kind, text), at }, end: at + text.length };
  }
  throw new FilterError('syntax', `Unexpected '${sql[at] ?? ''}' at position ${at + 1} of the filter.`);
}

function unquoted(kind: SqlToken['kind'], text: string): string {
  if (kind !== 'string' && kind !== 'name') return text;
  const close = text.at(-1) ?? '';
  return text.slice(1, -1).replaceAll(close + close, close);
}

function skipSpace(sql: string, from: number): number {
  let at = from;
  while (/\s/.test(sql.charAt(at))) at += 1;
  return at;
}
