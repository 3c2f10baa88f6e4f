import { TextDecoder } from 'node:util';
import type { FileSink } from '../layers/tar-reader.js';

/** Formats that are UTF-8 text by their own definition, so that a file of that name which is not is something else. */
const textExtensions = /\.(?:bicep|bicepparam|json|jsonl|toml|ya?ml)$/i;

/** Whether a file's name says that it is text. */
export function isTextPath(path: string): boolean {
  return textExtensions.test(path);
}

/**
 * Tells whether some bytes are text: valid UTF-8 without control characters, which no archive, executable or picture is,
 * and no file of these formats may be without being it.
 */
export class TextJudge implements FileSink {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private isText = true;

  constructor(private readonly tell: (isText: boolean) => void) {}

  write(bytes: Buffer): void {
    if (!this.isText) return;
    this.isText = !bytes.some(isControl) && this.decodes(bytes, true);
  }

  end(): void {
    this.tell(this.isText && this.decodes(Buffer.alloc(0), false));
  }

  private decodes(bytes: Buffer, stream: boolean): boolean {
    try {
      this.decoder.decode(bytes, { stream });
      return true;
    } catch {
      return false;
    }
  }
}

/** Below the space, all but tab, line feed, form feed and carriage return. */
function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d;
}
