import { AcrImportError, importImage, type ImportSource } from '@pratique/acr';
import type { Digest } from '@pratique/contracts';
import { copyImage, type CopyReport, OciError, onSide } from '@pratique/oci';
import { importOrigin } from './import-origin.js';
import { digestAt, type Move } from './move.js';
import type { PlatformSubset } from './platform-subset.js';

/** Figures of a copy, as they stand in the outcome's details. */
export interface SyncFigures {
  method: 'import' | 'copy';
  /** How often the tag was followed, because it moved while its image was being copied. */
  rounds: number;
  referrers: number;
  /** Bytes that were streamed; an import streams none through this service. */
  bytes?: number;
  bytesMounted?: number;
  bytesPresent?: number;
  blobsCopied?: number;
  blobsMounted?: number;
  blobsPresent?: number;
  /** Requests to both registries. */
  requests?: number;
  /** What the target was asked for after the copy, and showed. */
  verified?: { tags: number; manifests: number; blobs: number; referrers: number };
  /** Why the registry did not import the image, where it was streamed instead. */
  importRefused?: string;
}

export interface Transfer {
  how: 'imported' | 'copied';
  /** Whether the target was changed. */
  wrote: boolean;
  /** What the target's tag named before, where this was what asked for it. */
  before?: Digest;
  figures: Omit<SyncFigures, 'rounds'>;
}

/**
 * Brings an image to the target's tag, by import where that is possible and wanted, else by streaming. What is there already
 * is not written again.
 */
export async function transferImage(move: Move): Promise<Transfer> {
  const { copy, source, target } = move;
  const origin = copy.manner.method === 'copy' ? undefined : importOrigin(source.settings);
  if (target.importer === undefined || origin === undefined) return await stream(move);
  try {
    return await importTo(move, origin);
  } catch (error) {
    if (copy.manner.method === 'import' || !mayStreamInstead(error)) throw error;
    const streamed = await stream(move);
    return { ...streamed, figures: { ...streamed.figures, importRefused: error.message } };
  }
}

async function importTo(move: Move, origin: ImportSource): Promise<Transfer> {
  const { copy, source, target, digest, watch, signal } = move;
  if (target.importer === undefined) throw new TypeError(`${copy.target.registry} cannot import`);
  watch.is('importing', digest);
  const { imports, referrers } = await importImage({
    importer: target.importer,
    source: { client: source.reader, repository: copy.source.repository, digest, import: origin },
    target: { client: target.client, repository: copy.target.repository, tag: copy.target.tag },
    referrers: copy.manner.referrers,
    signal,
  });
  if (imports > 0) await verify(move, digest);
  const verified = { tags: 1, manifests: 0, blobs: 0, referrers: 0 };
  return { how: 'imported', wrote: imports > 0, figures: { method: 'import', referrers, verified } };
}

async function stream({ copy, source, target, digest, watch, signal }: Move): Promise<Transfer> {
  watch.is('copying', digest);
  let tagsMoved = 0;
  const report = await copyImage({
    source: { client: source.reader, repository: copy.source.repository, digest },
    target: { client: target.client, repository: copy.target.repository, tags: [copy.target.tag] },
    referrers: copy.manner.referrers,
    signal,
    onProgress: (progress) => {
      watch.did(progress);
      if (progress.step === 'tag' && progress.how === 'moved') tagsMoved += 1;
    },
  });
  const before = report.before[copy.target.tag];
  return {
    ...{ how: 'copied', wrote: tagsMoved > 0 || report.manifests > 0, figures: figuresOf(report) },
    ...(before !== undefined && { before }),
  };
}

/**
 * Copies the children that are kept, and then the index that lists only them. Signatures of the children go along; those of
 * the original index are for other bytes and stay where they are.
 */
export async function transferSubset(move: Move, subset: PlatformSubset): Promise<Transfer> {
  const { copy, source, target, watch, signal } = move;
  watch.is('copying', subset.digest);
  const { repository, tag } = copy.target;
  let figures: Transfer['figures'] = { method: 'copy', referrers: 0 };
  for (const { digest } of subset.children) {
    const report = await copyImage({
      source: { client: source.reader, repository: copy.source.repository, digest },
      target: { client: target.client, repository, tags: [] },
      referrers: copy.manner.referrers,
      signal,
      onProgress: (progress) => watch.did(progress),
    });
    figures = sumOf(figures, figuresOf(report));
  }
  const named = await digestAt(target, { repository, reference: tag }, { side: 'target', signal });
  if (named === subset.digest) return { how: 'copied', wrote: false, figures };
  const { bytes, mediaType, digest } = subset;
  await onSide('target', async () => {
    await target.client.putManifest(repository, digest, { bytes, mediaType, signal });
    await target.client.putManifest(repository, tag, { bytes, mediaType, signal });
  });
  await verify(move, digest);
  return { how: 'copied', wrote: true, figures };
}

function figuresOf(report: CopyReport): Transfer['figures'] {
  const { bytes, bytesMounted, bytesPresent, blobsCopied, blobsMounted, blobsPresent } = report;
  const { referrers, requests, verified } = report;
  return {
    ...{ method: 'copy', referrers, bytes, bytesMounted, bytesPresent },
    ...{ blobsCopied, blobsMounted, blobsPresent, requests, verified },
  };
}

const counted = [
  ...(['referrers', 'bytes', 'bytesMounted', 'bytesPresent'] as const),
  ...(['blobsCopied', 'blobsMounted', 'blobsPresent', 'requests'] as const),
];

/** Figures of several copies as one: numbers add up, words and what was verified are the last one's. */
export function sumOf(before: Partial<SyncFigures>, now: Transfer['figures']): Transfer['figures'] {
  const sums = counted.flatMap((figure) => {
    const [earlier, later] = [before[figure], now[figure]];
    return earlier === undefined ? [] : [[figure, earlier + (later ?? 0)] as const];
  });
  return { ...now, ...Object.fromEntries(sums) };
}

/** A job that Azure calls done may have been overtaken, and a tag may name what is not there. */
async function verify({ copy, target, signal }: Move, digest: Digest): Promise<void> {
  const { repository, tag } = copy.target;
  const named = await digestAt(target, { repository, reference: tag }, { side: 'target', signal });
  if (named === digest) return;
  throw new OciError(
    `The target shows ${named ?? 'nothing'} under ${repository}:${tag} after the copy of ${digest}; ` +
      'a target with quarantine shows it only to identities with the role AcrQuarantineReader.',
    { code: 'not-verified', operation: 'verify-copy', side: 'target' },
  );
}

function mayStreamInstead(error: unknown): error is AcrImportError {
  return error instanceof AcrImportError && (error.code === 'not-importable' || error.code === 'timed-out');
}
