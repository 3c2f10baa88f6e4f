import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { type Digest, digestAlgorithm } from '@pratique/contracts';
import { OciError } from './oci-error.js';

const operation = 'get-blob';

/** Chunks from a socket are up to 64 KiB; this lets the two sides of a copy run apart by a few of them. */
export const blobHighWaterMark = 256 * 1024;

/** What a descriptor says of a blob's bytes, held against them as they go by. Only when `end` has returned are they the blob's. */
export class BlobCheck {
  private readonly hash;
  private bytes = 0;

  constructor(private readonly expected: { digest: Digest; size: number }) {
    this.hash = createHash(digestAlgorithm(expected.digest));
  }

  /** @throws OciError `digest-mismatch` when there are more bytes than there should be */
  take(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.expected.size) throw this.mismatch(`more than ${this.expected.size} bytes`);
    this.hash.update(chunk);
  }

  /** @throws OciError `digest-mismatch` */
  end(): void {
    if (this.bytes !== this.expected.size)
      throw this.mismatch(`${this.bytes} of ${this.expected.size} bytes`);
    const actual = `${digestAlgorithm(this.expected.digest)}:${this.hash.digest('hex')}`;
    if (actual !== this.expected.digest) throw this.mismatch(`bytes with digest ${actual}`);
  }

  private mismatch(received: string): OciError {
    return new OciError(`The registry sent ${received} for the blob ${this.expected.digest}.`, {
      code: 'digest-mismatch',
      operation,
    });
  }
}

/**
 * Passes a blob on while it is checked. It ends only when the bytes were those that the descriptor names; otherwise
 * it fails, after the bytes have been passed on, so a reader must not act on a blob before its end.
 */
export class BlobVerifier extends Transform {
  private readonly check: BlobCheck;

  constructor(expected: { digest: Digest; size: number }) {
    super({ readableHighWaterMark: blobHighWaterMark, writableHighWaterMark: blobHighWaterMark });
    this.check = new BlobCheck(expected);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.check.take(chunk);
      done(null, chunk);
    } catch (error) {
      done(error as OciError);
    }
  }

  override _flush(done: TransformCallback): void {
    try {
      this.check.end();
      done();
    } catch (error) {
      done(error as OciError);
    }
  }
}
