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
  | { step: 'verified'; what: keyof Verified; bytes: number }
  | { step: 'tag'; how: 'moved' | 'present'; tag: Tag };

/**
 * How closely the target is looked at, whether it had the image before or has it now.
 *
 * - `manifests`: that it shows every tag, every manifest and every referrer
 * - `blobs`: and that it says of every blob that it has it
 * - `bytes`: and that the bytes of every blob, read again, have its digest
 */
export type CopyVerification = 'manifests' | 'blobs' | 'bytes';

/** What the target was asked for by itself, and showed. */
export interface Verified {
  tags: number;
  manifests: number;
  blobs: number;
  referrers: number;
}

export interface CopyReport {
  digest: Digest;
  tags: readonly Tag[];
  /** What the tags named at the target before; a tag that is not here named nothing. */
  before: Readonly<Record<string, Digest>>;
  method: 'copy';
  /** Manifests written, referrers' included. 0 when all was there. */
  manifests: number;
  blobsCopied: number;
  blobsMounted: number;
  /** Blobs that were looked for and found. Those of manifests that were there already are not looked for. */
  blobsPresent: number;
  /** Bytes of the blobs that were copied, mounted, and found. */
  bytes: number;
  bytesMounted: number;
  bytesPresent: number;
  /** Signatures, SBOMs and the like which the target has now because the source has them. */
  referrers: number;
  verification: CopyVerification;
  verified: Verified;
  /** HTTP requests to both registries, repetitions and redirects included, requests for tokens not. */
  requests: number;
  /** The target keeps the image back until its verdict; nothing but its arrival could be verified. */
  quarantined: boolean;
  durationMs: number;
}

export type CopyFigures = Pick<
  CopyReport,
  | 'manifests'
  | 'blobsCopied'
  | 'blobsMounted'
  | 'blobsPresent'
  | 'bytes'
  | 'bytesMounted'
  | 'bytesPresent'
  | 'referrers'
  | 'verified'
>;

export interface CopyJobOptions {
  source: CopyEnd;
  target: CopyEnd;
  limits?: Partial<WalkLimits> | undefined;
  /** Blobs at the same time. */
  concurrency: number;
  verification: CopyVerification;
  onProgress?: ((progress: CopyProgress) => void) | undefined;
}

/** What the steps of one copy share: the two ends, and the count of what was done. */
export class CopyJob {
  readonly source: CopyEnd;
  readonly target: CopyEnd;
  readonly limits: Partial<WalkLimits> | undefined;
  readonly concurrency: number;
  readonly verification: CopyVerification;
  readonly figures: CopyFigures = {
    ...{ manifests: 0, blobsCopied: 0, blobsMounted: 0, blobsPresent: 0 },
    ...{ bytes: 0, bytesMounted: 0, bytesPresent: 0, referrers: 0 },
    verified: { tags: 0, manifests: 0, blobs: 0, referrers: 0 },
  };
  private readonly onProgress: ((progress: CopyProgress) => void) | undefined;
  private readonly referrers = new Set<Digest>();

  constructor(options: CopyJobOptions) {
    this.source = options.source;
    this.target = options.target;
    this.limits = options.limits;
    this.concurrency = options.concurrency;
    this.verification = options.verification;
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
  if (progress.step === 'verified') figures.verified[progress.what] += 1;
  if (progress.step !== 'blob') return;
  const { blobs, bytes } = blobFigures[progress.how];
  figures[blobs] += 1;
  figures[bytes] += progress.bytes;
}

const blobFigures = {
  present: { blobs: 'blobsPresent', bytes: 'bytesPresent' },
  mounted: { blobs: 'blobsMounted', bytes: 'bytesMounted' },
  copied: { blobs: 'blobsCopied', bytes: 'bytes' },
} as const;
