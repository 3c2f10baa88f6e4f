import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { type Digest, digestAlgorithm } from '@pratique/contracts';
import { OciError } from './oci-error.js';

const operation = 'get-blob';

/** Chunks from a socket are up to 64 KiB; this lets the two sides of a copy run apart by a few of them. */
const highWaterMark = 256 * 1024;

/**
 * Passes a blob on while it is checked. It ends only when the bytes were those that the descriptor names; otherwise
 * it fails, after the bytes have been passed on, so a reader must not act on a blob before its end.
 */
export class BlobVerifier extends Transform {
  private readonly hash;
  private bytes = 0;

  constructor(private readonly expected: { digest: Digest; size: number }) {
    super({ readableHighWaterMark: highWaterMark, writableHighWaterMark: highWaterMark });
    this.hash = createHash(digestAlgorithm(expected.digest));
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    if (this.bytes > this.expected.size) {
      done(this.mismatch(`more than ${this.expected.size} bytes`));
      return;
    }
    this.hash.update(chunk);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    if (this.bytes !== this.expected.size) {
      done(this.mismatch(`${this.bytes} of ${this.expected.size} bytes`));
      return;
    }
    const algorithm = digestAlgorithm(this.expected.digest);
    const actual = `${algorithm}:${this.hash.digest('hex')}`;
    done(actual === this.expected.digest ? null : this.mismatch(`bytes with digest ${actual}`));
  }

  private mismatch(received: string): OciError {
    return new OciError(`The registry sent ${received} for the blob ${this.expected.digest}.`, {
      code: 'digest-mismatch',
      operation,
    });
  }
}
