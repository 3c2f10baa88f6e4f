import { createHash, type Hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type Digest, digestAlgorithm } from '@pratique/contracts';
import {
  type Codec,
  codecOf,
  createDecompressor,
  type Decompressor,
  magicLength,
} from './decompress-layer.js';
import type { LayerLimits } from '../scan-limits.settings.js';
import { type ByteBudget, RatioGuard } from './layer-limits.js';
import { TarReader, type TarVisitor } from './tar-reader.js';
import { UnscannableError } from './unscannable-error.js';

export interface LayerReading {
  /** Digest of the tar inside, where the image's config names one. */
  diffId: Digest | undefined;
  limits: LayerLimits;
  /** What the whole image may still unpack to. */
  budget: ByteBudget;
  visitor: TarVisitor;
  /** Ends the reading of what has arrived. Where more is waited for, the source has to fail. */
  signal: AbortSignal;
}

/**
 * Reads a layer to its end and shows every entry of the tar in it.
 *
 * Only when it has resolved has everything been seen: the compressed bytes are checked by their source, all of them have
 * been decompressed, and what came out is what the config's diffID names, which is what a runtime unpacks.
 *
 * @param source the blob; it fails when its size or digest is wrong. Each piece of it is used up when the next is asked for.
 * @throws UnscannableError, or whatever the source fails with
 */
export async function readLayer(source: AsyncIterable<Buffer>, reading: LayerReading): Promise<void> {
  const fed = { bytes: 0 };
  const { codec, bytes } = await peek(count(source, fed));
  const { signal } = reading;
  const decompressor = createDecompressor[codec]();
  const unpacked = new UnpackedLayer(reading, fed);
  try {
    await readAll(bytes, { decompressor, unpacked, signal });
  } finally {
    decompressor.close();
  }
  unpacked.end();
}

/** Bytes after which messages to the thread are heard: that the layer is no longer wanted may be among them. */
const breathBytes = 8 * 1024 * 1024;

interface LayerWork {
  decompressor: Decompressor;
  unpacked: UnpackedLayer;
  signal: AbortSignal;
}

async function readAll(pieces: AsyncIterable<Buffer>, work: LayerWork): Promise<void> {
  const { decompressor, unpacked, signal } = work;
  let breath = breathBytes;
  for await (const piece of pieces) {
    for (const chunk of decompressor.unpack(piece)) {
      unpacked.take(chunk);
      breath -= chunk.length;
      if (breath > 0) continue;
      breath = breathBytes;
      await setImmediate();
      signal.throwIfAborted();
    }
  }
  for (const chunk of decompressor.end()) unpacked.take(chunk);
}

/** What has to be true of the bytes that a layer unpacks to. */
class UnpackedLayer {
  private readonly tar: TarReader;
  private readonly ratio: RatioGuard;
  private readonly hash: Hash | undefined;

  constructor(
    private readonly reading: LayerReading,
    fed: { readonly bytes: number },
  ) {
    const { visitor, limits, diffId } = reading;
    this.tar = new TarReader(visitor, limits);
    this.ratio = new RatioGuard(limits, fed);
    this.hash = diffId && createHash(digestAlgorithm(diffId));
  }

  /** @throws UnscannableError */
  take(chunk: Buffer): void {
    this.ratio.take(chunk.length);
    this.reading.budget.take(chunk.length);
    this.hash?.update(chunk);
    this.tar.write(chunk);
  }

  /** @throws UnscannableError */
  end(): void {
    this.tar.end();
    requireDiffId(this.reading.diffId, this.hash?.digest('hex'));
  }
}

async function* count(source: AsyncIterable<Buffer>, fed: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    fed.bytes += chunk.length;
    yield chunk;
  }
}

async function peek(source: AsyncGenerator<Buffer>): Promise<{ codec: Codec; bytes: AsyncIterable<Buffer> }> {
  let start = Buffer.alloc(0);
  while (start.length < magicLength) {
    const next = await source.next();
    if (next.done === true) break;
    start = Buffer.concat([start, next.value]);
  }
  return { codec: codecOf(start), bytes: prepend(start, source) };
}

async function* prepend(start: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (start.length > 0) yield start;
  yield* rest;
}

function requireDiffId(diffId: Digest | undefined, hex: string | undefined): void {
  if (diffId === undefined || diffId === `${digestAlgorithm(diffId)}:${hex ?? ''}`) return;
  throw new UnscannableError(
    'digest-mismatch',
    `it does not unpack to the diffID ${diffId} of the image's config`,
  );
}
