/**
 * A value of a template: text, or an expression in brackets.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
 */
export type Functions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** @throws SyntaxError or ReferenceError that names what is wrong with an expression */
export function evaluate(value: string, functions: Functions): unknown {
  if (!value.startsWith('[') || value.startsWith('[[')) return value;
  if (!value.endsWith(']')) throw new SyntaxError(`an expression that is not closed: ${value}`);
  const reader = new Reader(value.slice(1, -1), functions);
  const result = reader.expression();
  reader.end();
  return result;
}

class Reader {
  #rest: string;

  constructor(
    private readonly text: string,
    private readonly functions: Functions,
  ) {
    this.#rest = text.trim();
  }

  expression(): unknown {
    const literal = this.#take(/^'((?:[^']|'')*)'/);
    if (literal !== undefined) return literal.replaceAll("''", "'");
    const number = this.#take(/^(-?\d+)/);
    if (number !== undefined) return Number(number);
    const name = this.#take(/^([A-Za-z]\w*)\s*\(/);
    if (name === undefined) throw new SyntaxError(`nothing that is known at "${this.#rest}" of ${this.text}`);
    const apply = this.functions[name];
    if (apply === undefined) throw new ReferenceError(`no function ${name}, used in ${this.text}`);
    return this.#properties(apply(...this.#arguments()));
  }

  end(): void {
    if (this.#rest !== '') throw new SyntaxError(`"${this.#rest}" too much in ${this.text}`);
  }

  #arguments(): unknown[] {
    const values: unknown[] = [];
    if (this.#take(/^(\))/) !== undefined) return values;
    for (;;) {
      values.push(this.expression());
      if (this.#take(/^(\))/) !== undefined) return values;
      if (this.#take(/^(,)/) === undefined)
        throw new SyntaxError(`no comma at "${this.#rest}" of ${this.text}`);
    }
  }

  #properties(value: unknown): unknown {
    const name = this.#take(/^\.(\w+)/);
    if (name === undefined) return value;
    const inner = (value as Record<string, unknown> | undefined)?.[name];
    if (inner === undefined) throw new ReferenceError(`no property ${name} in ${this.text}`);
    return this.#properties(inner);
  }

  #take(pattern: RegExp): string | undefined {
    const match = pattern.exec(this.#rest);
    if (match === null) return undefined;
    this.#rest = this.#rest.slice(match[0].length).trimStart();
    return match[1];
  }
}
