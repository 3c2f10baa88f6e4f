import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReaderThreads } from '../../apps/scan/src/isolation/reader-threads.js';
import { ByteBudget } from '../../apps/scan/src/layers/layer-limits.js';
import { ScanLimits } from '../../apps/scan/src/scan-limits.settings.js';
import type { Bench } from '../bench.js';
import { compareInTurn } from '../compare-in-turn.js';
import { type LayerFile, listWithTar, makeLayerFiles } from './layer-files.js';

const limits = ScanLimits.parse({ threads: { count: 2 } });

/** What a file is listed with: its size, or its SHA-256. */
type Listing = 'listing' | 'hashed-listing';

/**
 * A layer of 35,000 files, read as a scan reads it, in a thread and through every limit: its digest, size and diffID are verified,
 * and every file in it is listed. GNU tar only lists it.
 */
export const scanBench: Bench = async ({ onCase }) => {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-bench-'));
  const threads = new ReaderThreads(limits.threads, {
    url: new URL('./listing-thread.main.js', import.meta.url),
  });
  try {
    const { gzip, zstd, count } = await makeLayerFiles(folder);
    const megabytes = Math.round(gzip.descriptor.size / 1e6);
    const read = (...layers: LayerFile[]) => readLayers(threads, layers, { count, listing: 'listing' });
    const readHashed = () => readLayers(threads, [gzip], { count, listing: 'hashed-listing' });
    const unit = 'ms';
    const tar = { unit, reference: `tar tzf of ${megabytes} MB`, measureReference: () => listWithTar(gzip) };
    onCase(await compareInTurn({ case: 'gzip-layer', ...tar, measure: () => read(gzip) }));
    onCase(await compareInTurn({ case: 'gzip-layer, files hashed', ...tar, measure: readHashed }));
    onCase(await compareInTurn({ case: 'zstd-layer', ...tar, measure: () => read(zstd) }));
    onCase(
      await compareInTurn({ case: 'two-layers, beside tar of one', ...tar, measure: () => read(gzip, gzip) }),
    );
    onCase(
      await compareInTurn({
        case: 'two-layers',
        unit,
        reference: 'one gzip layer',
        measure: () => read(gzip, gzip),
        measureReference: () => read(gzip),
      }),
    );
  } finally {
    threads.close();
    await rm(folder, { recursive: true });
  }
};

/** Reads layers at the same time. @returns milliseconds */
async function readLayers(
  threads: ReaderThreads,
  layers: readonly LayerFile[],
  { count, listing }: { count: number; listing: Listing },
): Promise<number> {
  const begun = performance.now();
  const lists = await Promise.all(layers.map((layer) => readOne(threads, layer, listing)));
  const wallMs = performance.now() - begun;
  for (const list of lists) {
    if (!list.startsWith(`${count} `)) throw new Error(`${list} were listed, and there are ${count}`);
  }
  return wallMs;
}

async function readOne(
  threads: ReaderThreads,
  { path, descriptor, diffId }: LayerFile,
  kind: Listing,
): Promise<string> {
  const source = createReadStream(path, { highWaterMark: 256 * 1024 });
  const { reports, unreadable } = await threads.read({
    job: {
      part: 'layer',
      layer: descriptor,
      kind: { kind: 'archive', savedAs: undefined },
      diffId,
      checks: [{ policy: 'bench', kind, settings: {} }],
      limits,
      budget: ByteBudget.of(limits.image.unpackedBytes).shared,
    },
    open: () => Promise.resolve(source),
    timeMs: () => limits.layer.timeMs,
    owner: {},
    signal: new AbortController().signal,
  });
  if (unreadable !== undefined) throw new Error(unreadable.message);
  return reports[0]?.findings[0]?.message ?? '';
}
