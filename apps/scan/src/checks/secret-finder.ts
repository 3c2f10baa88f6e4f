import type { FileSink } from '../layers/tar-reader.js';
import { longestBefore, longestSecret, type SecretKind, secretKinds } from './secret-kinds.js';

/** One shape after the other, each as a group of its own, so that a text is gone through once for all of them. */
export interface SecretPattern {
  kinds: readonly SecretKind[];
  expression: RegExp;
}

export function secretPattern(kinds: readonly SecretKind[]): SecretPattern {
  const groups = kinds.map((kind) => `(${secretKinds[kind].pattern.source})`);
  return { kinds, expression: new RegExp(groups.join('|'), 'g') };
}

// A file that arrives in very small pieces is looked at in larger ones.
const minPiece = 16 * 1024;

/**
 * Looks for secrets in bytes that stream by, holding no more of them than the longest secret may have. However the bytes
 * are cut into pieces, it finds the same.
 *
 * Bytes are taken for Latin-1, in which every shape is what it is in UTF-8; of UTF-16 the NULs are left out, which makes it
 * the same again.
 */
export class SecretFinder implements FileSink {
  private text = '';
  /** Where in the text nothing has been looked at yet; what is before serves as context. */
  private next = 0;
  /** The line at which the text begins. */
  private line = 1;
  private isWide: boolean | undefined;

  constructor(
    private readonly pattern: SecretPattern,
    private readonly found: (kind: SecretKind, line: number) => void,
  ) {}

  write(bytes: Buffer): void {
    this.isWide ??= looksWide(bytes);
    const piece = bytes.toString('latin1');
    this.text += this.isWide ? piece.replaceAll('\0', '') : piece;
    if (this.text.length - this.next < minPiece + longestSecret) return;
    // What begins behind this point may not be here to its end.
    this.search(this.text.length - longestSecret);
    this.forget();
  }

  end(): void {
    this.search(this.text.length);
    this.text = '';
  }

  private search(limit: number): void {
    const { expression, kinds } = this.pattern;
    expression.lastIndex = this.next;
    for (let match = expression.exec(this.text); match !== null; match = expression.exec(this.text)) {
      if (match.index >= limit) break;
      const groups: (string | undefined)[] = match.slice(1);
      const kind = kinds[groups.findIndex((group) => group !== undefined)];
      if (kind !== undefined && !isPlaceholder(match[0])) this.found(kind, this.lineAt(match.index));
      this.next = expression.lastIndex;
    }
    this.next = Math.max(this.next, limit);
  }

  private forget(): void {
    const keptFrom = Math.max(this.next - longestBefore, 0);
    this.line = this.lineAt(keptFrom);
    this.text = this.text.slice(keptFrom);
    this.next -= keptFrom;
  }

  private lineAt(index: number): number {
    let line = this.line;
    for (let at = this.text.indexOf('\n'); at >= 0 && at < index; at = this.text.indexOf('\n', at + 1))
      line += 1;
    return line;
  }
}

/** Whether it is UTF-16: a byte order mark, or a NUL in every other byte of the start. */
function looksWide(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 64);
  const mark = start.length >= 2 ? start.readUInt16BE(0) : 0;
  if (mark === 0xfffe || mark === 0xfeff) return true;
  const isZero = (offset: number): boolean =>
    start.length >= 4 && start.every((byte, index) => (byte === 0) === (index % 2 === offset));
  return isZero(0) || isZero(1);
}

/** What stands in manuals, and what the storage emulator of Azure has for everybody. */
const published = ['EXAMPLE', 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq'];

/** `AKIAXXXXXXXXXXXXXXXX` is there to be replaced. No random key has so few different characters. */
function isPlaceholder(secret: string): boolean {
  return published.some((text) => secret.includes(text)) || new Set(secret.slice(-16)).size < 5;
}
