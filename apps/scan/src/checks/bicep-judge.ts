import type { FileSink } from '../layers/tar-reader.js';
import { whyNotBicep } from './read-bicep.js';

/** What Azure takes in one template. Whatever is larger is data under a wrong name. */
const maxBicepBytes = 4 * 1024 * 1024;

/** Whether a file's name says that it is Bicep. */
export function isBicepPath(path: string): boolean {
  return /\.bicep(?:param)?$/i.test(path);
}

/** Reads a file to its end and tells what in it is no Bicep, or undefined. */
export class BicepJudge implements FileSink {
  private readonly pieces: Buffer[] = [];
  private size = 0;

  constructor(private readonly tell: (problem: string | undefined) => void) {}

  write(bytes: Buffer): void {
    this.size += bytes.length;
    if (this.size <= maxBicepBytes) this.pieces.push(Buffer.from(bytes));
  }

  end(): void {
    if (this.size > maxBicepBytes) this.tell(`is larger than the ${maxBicepBytes} bytes that Azure takes`);
    else
      this.tell(
        whyNotBicep(
          Buffer.concat(this.pieces)
            .toString('utf8')
            .replace(/^\uFEFF/, ''),
        ),
      );
  }
}
