import { FilterError } from './filter-error.js';
import type { SqlToken } from './sql-tokens.js';

const KEYWORDS = new Set('AND ESCAPE EXISTS FALSE IN IS LIKE NOT NULL OR TRUE'.split(' '));

/** Walks over the tokens of a filter: `take…` moves on only when it finds what it looks for, `expect…` throws otherwise. */
export class SqlCursor {
  private index = 0;

  constructor(private readonly tokens: readonly SqlToken[]) {}

  /** The token at hand; undefined at the end. */
  get current(): SqlToken | undefined {
    return this.tokens[this.index];
  }

  takeKeyword(keyword: string): boolean {
    const token = this.current;
    return this.advanceIf(token?.kind === 'word' && token.text.toUpperCase() === keyword);
  }

  expectKeyword(keyword: string): void {
    if (!this.takeKeyword(keyword)) throw this.unexpected();
  }

  isSymbol(symbol: string): boolean {
    return this.current?.kind === 'symbol' && this.current.text === symbol;
  }

  takeSymbol(symbol: string): boolean {
    return this.advanceIf(this.isSymbol(symbol));
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected();
  }

  /** The text of a token of this kind. */
  take(kind: SqlToken['kind']): string | undefined {
    const token = this.current;
    return this.advanceIf(token?.kind === kind) ? token?.text : undefined;
  }

  expectString(): string {
    const text = this.take('string');
    if (text === undefined) throw this.unexpected();
    return text;
  }

  /** A name that is no keyword, or any name in brackets or quotes. */
  expectName(): string {
    const token = this.current;
    const isKeyword = token?.kind === 'word' && KEYWORDS.has(token.text.toUpperCase());
    const text = isKeyword ? undefined : (this.take('word') ?? this.take('name'));
    if (text === undefined) throw this.unexpected();
    return text;
  }

  /** What is wrong with the token at hand. */
  unexpected(): FilterError {
    const token = this.current;
    if (token === undefined) return new FilterError('syntax', 'The filter ends too early.');
    if (token.kind === 'symbol' && '+-*/%'.includes(token.text)) return sqlNotImplemented('arithmetic');
    if (this.isSymbol('@')) return sqlNotImplemented('parameters');
    return new FilterError('syntax', `Unexpected '${token.text}' at position ${token.at + 1} of the filter.`);
  }

  private advanceIf(found: boolean): boolean {
    if (found) this.index += 1;
    return found;
  }
}

/** Valid on Azure, and missing here. */
export function sqlNotImplemented(what: string): FilterError {
  return new FilterError('not-implemented', `The emulator's SQL filters have no ${what}.`);
}
