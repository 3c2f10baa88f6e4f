import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsFiles } from '../../test/processes/docker-registry.js';
import { selfSignedCertificate } from '../../test/processes/self-signed.js';
import type { Bench } from '../bench.js';
import { largeImage, smallImages } from './corpus.js';
import { runSyncCase, type SyncCase } from './sync.case.js';

/** Whatever the size of the blobs. */
const memoryLimitMb = 160;

/** Pratique's copy in a warm process against skopeo, between two registries of Debian's package `docker-registry`. */
export const syncBench: Bench = async ({ onCase }) => {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-bench-'));
  try {
    for (const syncCase of cases(await selfSignedCertificate(folder))) await runSyncCase(syncCase, onCase);
  } finally {
    await rm(folder, { recursive: true });
  }
};

function cases(tls: TlsFiles): SyncCase[] {
  const small = { corpus: smallImages(200), skopeo: 'sync' } as const;
  const [many, few] = [largeImage(10, 20_000_000), largeImage(2, 250_000_000)];
  const cold = { state: 'cold', skopeo: 'copy', memoryLimitMb } as const;
  return [
    { case: 'small-cold', state: 'cold', ...small, memoryLimitMb },
    { case: 'small-unchanged', state: 'unchanged', ...small },
    { case: 'small-unchanged-deep', state: 'unchanged', ...small, verify: 'blobs' },
    { case: '10x20MB-cold', corpus: many, ...cold },
    { case: '2x250MB-cold', corpus: few, ...cold },
    { case: '2x250MB-cold-tls', corpus: few, ...cold, tls },
    { case: '2x250MB-unchanged-reread', corpus: few, ...cold, state: 'unchanged', verify: 'bytes' },
  ];
}
