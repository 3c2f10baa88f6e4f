import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { type Digest, digestAlgorithm } from '@pratique/contracts';
import { type Codec, codecOf, createDecompressor, feedFor, magicLength } from './decompress-layer.js';
import type { LayerLimits } from '../scan-limits.settings.js';
import { type ByteBudget, RatioGuard } from './layer-limits.js';
import { TarReader, type TarVisitor } from './tar-reader.js';
import { notReadable, UnscannableError } from './unscannable-error.js';

export interface LayerReading {
  /** Digest of the tar inside, where the image's config names one. */
  diffId: Digest | undefined;
  limits: LayerLimits;
  /** What the whole image may still unpack to. */
  budget: ByteBudget;
  visitor: TarVisitor;
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
  const tar = new TarReader(reading.visitor, reading.limits);
  const ratio = new RatioGuard(reading.limits, fed);
  const hash = reading.diffId && createHash(digestAlgorithm(reading.diffId));
  const consume = async (unpacked: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of unpacked) {
      ratio.take(chunk.length);
      reading.budget.take(chunk.length);
      hash?.update(chunk);
      tar.write(chunk);
    }
    tar.end();
  };
  await decompress(codec, { bytes, fed, consume, signal: reading.signal });
  requireDiffId(reading.diffId, hash?.digest('hex'));
}

interface Decompression {
  bytes: AsyncIterable<Buffer>;
  fed: { bytes: number };
  consume: (unpacked: AsyncIterable<Buffer>) => Promise<void>;
  signal: AbortSignal;
}

async function decompress(codec: Codec, { bytes, fed, consume, signal }: Decompression): Promise<void> {
  if (codec === 'plain') {
    await pipeline(bytes, consume, { signal });
    return;
  }
  const decompressor = createDecompressor(codec);
  try {
    await pipeline(feedFor(codec, bytes), decompressor, releasing(consume), { signal });
  } catch (error) {
    throw isCodecError(error)
      ? notReadable(`its ${codec} data is damaged or has a part too many`, error)
      : error;
  }
  // A zero byte behind a gzip member ends Node's decoder without an error, and what follows would never be seen.
  if (codec === 'gzip' && decompressor.bytesWritten !== fed.bytes)
    throw notReadable(`something follows its ${codec} data`);
}

type Consumer = Decompression['consume'];

/**
 * Frees what was unpacked as soon as it has been looked at. Left to the garbage collector, which counts what lies about, half a
 * gigabyte of it would have it go through its whole heap a dozen times a layer.
 */
function releasing(consume: Consumer): Consumer {
  return (unpacked) => consume(freeingEach(unpacked));
}

async function* freeingEach(unpacked: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of unpacked) {
    yield chunk;
    const { buffer, byteOffset, byteLength } = chunk;
    // The decompressor goes on where it stopped, until its memory is full; what it has filled to the end it never touches again.
    if (buffer instanceof ArrayBuffer && byteOffset + byteLength === buffer.byteLength) buffer.transfer(0);
  }
}

const codecErrors =
  /^(?:Z_|ZSTD_|ERR_TRAILING_JUNK|ERR_ZSTD|ERR_STREAM_(?:PREMATURE_CLOSE|PUSH_AFTER_EOF)|ERR_BUFFER_TOO_LARGE)/;

/** Whether zlib or zstd refused the bytes, or their decoder stopped before the bytes did. */
function isCodecError(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && codecErrors.test(code);
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
