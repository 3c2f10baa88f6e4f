/** With what a statement of a Bicep file, or of its parameters, can begin. https://learn.microsoft.com/azure/azure-resource-manager/bicep/file */
const statements = new Set(
  'targetScope metadata param var resource module output type func import provider extension assert using extends test'.split(
    ' ',
  ),
);

/** What continues the statement before: a choice, a union, an operator. */
const continues = /^(?:[?:|=+\-*%!<>.]|&&)/;
const directive = /^#(?:disable|restore)-(?:next-line|diagnostics)\b/;
const opening = new Map([
  ['{', '}'],
  ['[', ']'],
  ['(', ')'],
]);
const closing = new Set(opening.values());
const blanks = new Set([' ', '\t', '\r', '\u00A0']);

/**
 * Says what in a text is no Bicep, as the end of a sentence; undefined when it is.
 *
 * Comments and strings are read as Bicep reads them, and every statement outside them has to be one of Bicep's: a comment
 * that looks like Bicep proves nothing. Types and names are the compiler's business.
 */
export function whyNotBicep(text: string): string | undefined {
  return new BicepReader(text).read();
}

class BicepReader {
  private at = 0;
  private line = 1;
  private declared = 0;
  private atStart = true;
  /** What has to be closed, the innermost last; a string that is interrupted by an expression is a quote. */
  private readonly open: string[] = [];

  constructor(private readonly text: string) {}

  read(): string | undefined {
    while (this.at < this.text.length) {
      const problem = this.step();
      if (problem !== undefined) return problem;
    }
    if (this.open.length > 0) return `ends within something that ${this.open.at(-1) ?? ''} would close`;
    return this.declared === 0 ? 'declares nothing' : undefined;
  }

  private step(): string | undefined {
    const char = this.text[this.at] ?? '';
    if (char === '\n') return this.newLine();
    if (blanks.has(char)) return this.skip(1);
    if (this.sees('//')) return this.skipTo(this.text.indexOf('\n', this.at), this.text.length);
    if (this.sees('/*')) return this.comment();
    if (this.open.length === 0 && this.atStart) return this.begin();
    if (this.sees("'''")) return this.longString();
    if (char === "'") return this.string(1);
    if (closing.has(char)) return this.close(char);
    const closedBy = opening.get(char);
    if (closedBy !== undefined) this.open.push(closedBy);
    return this.skip(1);
  }

  private newLine(): string | undefined {
    this.line += 1;
    this.atStart = this.open.length === 0;
    return this.skip(1);
  }

  private begin(): string | undefined {
    const rest = this.text.slice(this.at, this.at + 64);
    const word = /^[A-Za-z]+\b/.exec(rest)?.[0];
    const isStatement = word !== undefined && statements.has(word);
    const isAllowed = isStatement || rest.startsWith('@') || directive.test(rest);
    if (!isAllowed && !(this.declared > 0 && continues.test(rest))) {
      const begun = (word ?? rest.split(/\s/, 1)[0] ?? '').slice(0, 20);
      return `has something else than a statement of Bicep in line ${this.line}: ${begun}`;
    }
    if (isStatement) this.declared += 1;
    this.atStart = false;
    if (rest.startsWith('#')) return this.skipTo(this.text.indexOf('\n', this.at), this.text.length);
    return this.skip(word?.length ?? 1);
  }

  private comment(): string | undefined {
    const end = this.text.indexOf('*/', this.at + 2);
    if (end < 0) return `ends within the comment of line ${this.line}`;
    this.countLines(end);
    return this.skipTo(end + 2, 0);
  }

  private longString(): string | undefined {
    const end = this.text.indexOf("'''", this.at + 3);
    if (end < 0) return `ends within the string of line ${this.line}`;
    this.countLines(end);
    return this.skipTo(end + 3, 0);
  }

  /** From the quote that begins it, or from the brace that ends an expression in it. */
  private string(from: number): string | undefined {
    for (let index = this.at + from; index < this.text.length; index += 1) {
      const char = this.text[index];
      if (char === '\n') break;
      if (char === '\\') index += 1;
      else if (char === "'") return this.skipTo(index + 1, 0);
      else if (char === '$' && this.text[index + 1] === '{') {
        this.open.push("'");
        return this.skipTo(index + 2, 0);
      }
    }
    return `has a string without an end in line ${this.line}`;
  }

  private close(char: string): string | undefined {
    const expected = this.open.pop();
    // The brace that ends an expression within a string leads back into the string.
    if (char === '}' && expected === "'") return this.string(1);
    return char === expected
      ? this.skip(1)
      : `has ${char} in line ${this.line} where nothing is to be closed by it`;
  }

  private sees(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  private countLines(end: number): void {
    for (let index = this.text.indexOf('\n', this.at); index >= 0 && index < end;) {
      this.line += 1;
      index = this.text.indexOf('\n', index + 1);
    }
  }

  private skip(count: number): string | undefined {
    this.at += count;
    return undefined;
  }

  private skipTo(index: number, otherwise: number): string | undefined {
    this.at = index < 0 ? otherwise : index;
    return undefined;
  }
}
