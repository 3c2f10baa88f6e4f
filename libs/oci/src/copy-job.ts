import type { Digest, RepositoryName, Tag } from '@pratique/contracts';
import type { RegistryClient } from './registry-client.js';
import type { WalkLimits } from './walk-limits.js';

/** One end of a copy. */
export interface CopyEnd {
  client: RegistryClient;
  repository: RepositoryName;
}

/** What a copy has just done. */
export type CopyProgress =
  | { step: 'blob'; how: 'copied' | 'mounted' | 'present'; digest: Digest; bytes: number }
  | { step: 'manifest'; digest: Digest; bytes: number }
  | { step: 'referrer'; digest: Digest }
  | { step: 'tag'; how: 'moved' | 'present'; tag: Tag };

export interface CopyReport {
  digest: Digest;
  tags: readonly Tag[];
  /** Manifests written, referrers' included. 0 when all was there. */
  manifests: number;
  blobsCopied: number;
  blobsMounted: number;
  /** Blobs that were looked for and found. Those of manifests that were there already are not looked for. */
  blobsPresent: number;
  /** Bytes of the blobs that were copied. */
  bytes: number;
  /** Signatures, SBOMs and the like which the target has now because the source has them. */
  referrers: number;
  /** The target keeps the image back until its verdict; nothing but its arrival could be verified. */
  quarantined: boolean;
  durationMs: number;
}

export type CopyFigures = Omit<CopyReport, 'digest' | 'tags' | 'quarantined' | 'durationMs'>;

export interface CopyJobOptions {
  source: CopyEnd;
  target: CopyEnd;
  limits?: Partial<WalkLimits> | undefined;
  /** Blobs at the same time. */
  concurrency: number;
  onProgress?: ((progress: CopyProgress) => void) | undefined;
}

/** What the steps of one copy share: the two ends, and the count of what was done. */
export class CopyJob {
  readonly source: CopyEnd;
  readonly target: CopyEnd;
  readonly limits: Partial<WalkLimits> | undefined;
  readonly concurrency: number;
  readonly figures: CopyFigures = {
    manifests: 0,
    blobsCopied: 0,
    blobsMounted: 0,
    blobsPresent: 0,
    bytes: 0,
    referrers: 0,
  };
  private readonly onProgress: ((progress: CopyProgress) => void) | undefined;
  private readonly referrers = new Set<Digest>();

  constructor(options: CopyJobOptions) {
    this.source = options.source;
    this.target = options.target;
    this.limits = options.limits;
    this.concurrency = options.concurrency;
    this.onProgress = options.onProgress;
  }

  /** Counts what was done, and passes it on to whoever watches. */
  did(progress: CopyProgress): void {
    // A signature may be found twice, as a referrer and by cosign's tag.
    if (progress.step === 'referrer' && this.referrers.has(progress.digest)) return;
    if (progress.step === 'referrer') this.referrers.add(progress.digest);
    count(this.figures, progress);
    this.onProgress?.(progress);
  }
}

function count(figures: CopyFigures, progress: CopyProgress): void {
  if (progress.step === 'manifest') figures.manifests += 1;
  if (progress.step === 'referrer') figures.referrers += 1;
  if (progress.step !== 'blob') return;
  if (progress.how === 'present') figures.blobsPresent += 1;
  if (progress.how === 'mounted') figures.blobsMounted += 1;
  if (progress.how === 'copied') {
    figures.blobsCopied += 1;
    figures.bytes += progress.bytes;
  }
}
