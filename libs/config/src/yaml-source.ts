import { type Document, isMap, isNode, isPair, LineCounter, parseDocument, type Pair } from 'yaml';
import { ConfigError, type ConfigProblem } from './config-error.js';

// A configuration is written by hand; a file beyond this size, or with aliases that multiply, is a mistake or an attack.
const maxConfigBytes = 1024 * 1024;
const maxAliases = 100;

/** A YAML document that can say at which line each of its values stands. */
export class YamlSource {
  readonly #document: Document;
  readonly #lines: LineCounter;

  private constructor(
    document: Document,
    lines: LineCounter,
    /** The document as plain objects, arrays and scalars; an empty document is an empty mapping. */
    readonly value: unknown,
  ) {
    this.#document = document;
    this.#lines = lines;
  }

  /** @throws ConfigError with the parser's own findings */
  static parse(file: string, text: string): YamlSource {
    if (Buffer.byteLength(text) > maxConfigBytes) {
      const message = `is larger than ${maxConfigBytes} bytes: is it the right file?`;
      throw new ConfigError(file, [{ line: 1, column: 1, path: '', message }]);
    }
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
    if (document.errors.length > 0) {
      const problems = document.errors.map((error) => ({
        ...place(lines, error.pos[0]),
        path: '',
        message: error.message,
      }));
      throw new ConfigError(file, problems);
    }
    return new YamlSource(document, lines, plainValue(file, document));
  }

  /** The place of the value at `path`, or of the nearest thing around it where the value is missing. */
  locate(path: readonly PropertyKey[]): Pick<ConfigProblem, 'line' | 'column'> {
    for (let length = path.length; length > 0; length -= 1) {
      const offset = this.#offset(path.slice(0, length));
      if (offset !== undefined) return place(this.#lines, offset);
    }
    return { line: 1, column: 1 };
  }

  // A mapping's key is a better place to point at than its value, which may begin lines below.
  #offset(path: readonly PropertyKey[]): number | undefined {
    const parent =
      path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    const last = path.at(-1);
    if (isMap(parent)) {
      const pair = parent.items.find((item): item is Pair => isPair(item) && keyText(item) === String(last));
      return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
    }
    const node = this.#document.getIn(path, true);
    return isNode(node) ? node.range?.[0] : undefined;
  }
}

function plainValue(file: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: maxAliases }) ?? {};
  } catch (error) {
    // The parser's only refusal at this point: aliases that multiply.
    if (!(error instanceof ReferenceError)) throw error;
    throw new ConfigError(file, [
      { line: 1, column: 1, path: '', message: `has too many aliases: ${error.message}` },
    ]);
  }
}

function keyText(pair: Pair): string {
  return isNode(pair.key) ? String(pair.key) : '';
}

function place(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
