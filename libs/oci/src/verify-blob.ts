import { createHash } from 'node:crypto';
import { Duplex } from 'node:stream';
import { type Digest, digestAlgorithm } from '@pratique/contracts';
import { OciError } from './oci-error.js';

const operation = 'get-blob';

/** What the two sides of a copy may run apart by. */
const highWaterMark = 256 * 1024;

type Done = (error?: Error) => void;

/**
 * Passes a blob on while it is checked. It ends only when the bytes were those that the descriptor names; otherwise
 * it fails, after the bytes have been passed on, so a reader must not act on a blob before its end.
 *
 * TLS hands out pieces of at most 16 KiB, several in one turn. They are passed on as one: whoever sends them on would
 * otherwise spend more on each piece than on its bytes.
 */
export class BlobVerifier extends Duplex {
  private readonly hash;
  private bytes = 0;
  /** Goes on with writing when the reader wants more. */
  private whenRead: Done | undefined;

  constructor(private readonly expected: { digest: Digest; size: number }) {
    super({ readableHighWaterMark: highWaterMark, writableHighWaterMark: highWaterMark });
    this.hash = createHash(digestAlgorithm(expected.digest));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.pass(chunk, done);
  }

  override _writev(pieces: { chunk: Buffer }[], done: Done): void {
    this.pass(Buffer.concat(pieces.map(({ chunk }) => chunk)), done);
  }

  override _read(): void {
    const goOn = this.whenRead;
    this.whenRead = undefined;
    goOn?.();
  }

  override _final(done: Done): void {
    if (this.bytes !== this.expected.size) {
      done(this.mismatch(`${this.bytes} of ${this.expected.size} bytes`));
      return;
    }
    const algorithm = digestAlgorithm(this.expected.digest);
    const actual = `${algorithm}:${this.hash.digest('hex')}`;
    if (actual !== this.expected.digest) {
      done(this.mismatch(`bytes with digest ${actual}`));
      return;
    }
    this.push(null);
    done();
  }

  private pass(chunk: Buffer, done: Done): void {
    this.bytes += chunk.length;
    if (this.bytes > this.expected.size) {
      done(this.mismatch(`more than ${this.expected.size} bytes`));
      return;
    }
    this.hash.update(chunk);
    if (!this.push(chunk)) this.whenRead = done;
    // What else comes in this turn waits, and is written together.
    else setImmediate(done);
  }

  private mismatch(received: string): OciError {
    return new OciError(`The registry sent ${received} for the blob ${this.expected.digest}.`, {
      code: 'digest-mismatch',
      operation,
    });
  }
}
