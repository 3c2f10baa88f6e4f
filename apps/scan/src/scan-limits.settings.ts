import { z } from 'zod';

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;
const minute = 60_000;
// Beyond any image; above 2^53 a number would no longer be exact.
const bytes = z
  .int()
  .min(1)
  .max(2 ** 50);
const milliseconds = z
  .int()
  .min(1)
  .max(24 * 60 * minute);

/** Of an image with everything that it reaches: all platforms, all layers. */
const ImageLimits = z
  .strictObject({
    bytes: bytes.default(10 * gibibyte).describe('Bytes of all blobs, by what the manifests say'),
    unpackedBytes: bytes.default(20 * gibibyte).describe('Bytes that all layers together may unpack to'),
    configBytes: bytes
      .max(64 * mebibyte)
      .default(8 * mebibyte)
      .describe('Bytes of a config, which is held in memory'),
    layers: z
      .int()
      .min(1)
      .max(10_000)
      .default(256)
      .describe('Layers of one manifest; runtimes stop at some 127'),
    timeMs: milliseconds
      .default(10 * minute)
      .describe('Milliseconds that reading may take, summed over all parts'),
  })
  .prefault({});

/** Of the manifests that an image reaches. */
const IndexLimits = z
  .strictObject({
    depth: z.int().min(1).max(16).default(4).describe('Indexes within indexes; an image alone has depth 1'),
    manifests: z.int().min(1).max(10_000).default(128).describe('Manifests reached, each counted once'),
    descriptors: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .describe('Parts that all manifests together name'),
  })
  .prefault({});

const LayerLimits = z
  .strictObject({
    bytes: bytes.default(5 * gibibyte).describe('Bytes as stored, compressed'),
    unpackedBytes: bytes.default(10 * gibibyte).describe('Bytes that one layer may unpack to'),
    entries: z.int().min(1).max(100_000_000).default(500_000).describe('Entries of one tar'),
    ratio: z
      .number()
      .min(1)
      .max(1_000_000)
      .default(200)
      .describe('How many times its size a layer may unpack to, once it has unpacked to ratioFromBytes'),
    ratioFromBytes: bytes.default(64 * mebibyte).describe('Bytes up to which any ratio is harmless'),
    timeMs: milliseconds.default(5 * minute).describe('Milliseconds that reading one layer may take'),
  })
  .prefault({});
export type LayerLimits = z.output<typeof LayerLimits>;

/** Of the threads that read: what may go wrong in one of them stays there. */
const ThreadLimits = z
  .strictObject({
    count: z
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe('Parts that are read at the same time, over all images; default: one a core, at most 4'),
    heapBytes: bytes
      .min(32 * mebibyte)
      .max(16 * gibibyte)
      .default(256 * mebibyte)
      .describe('Bytes of JavaScript objects that one thread may hold'),
    bufferBytes: bytes
      .min(32 * mebibyte)
      .max(16 * gibibyte)
      .default(256 * mebibyte)
      .describe('Bytes of buffers that one thread may hold; zstd alone may need 128 MiB'),
  })
  .prefault({});
export type ThreadLimits = z.output<typeof ThreadLimits>;

/**
 * The section `scanLimits` of `pratique.yaml`: how much of an image is read before it is taken for an attack.
 *
 * The defaults are several times what the largest honest images need; zeros compress 1,000 times in gzip and 30,000 times
 * in zstd. An image beyond a limit is `unscannable`, which is a refusal.
 */
export const ScanLimits = z
  .strictObject({ image: ImageLimits, index: IndexLimits, layer: LayerLimits, threads: ThreadLimits })
  .prefault({});
export type ScanLimits = z.output<typeof ScanLimits>;

/** What applies where nothing is configured. */
export const defaultLimits: ScanLimits = ScanLimits.parse({});
