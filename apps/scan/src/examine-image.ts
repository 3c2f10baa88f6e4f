import type { Digest, RepositoryName } from '@pratique/contracts';
import {
  blobsOf,
  childManifests,
  isIndex,
  type Manifest,
  type RegistryClient,
  walkImage,
} from '@pratique/oci';
import { examineManifest, type ManifestReading } from './examine-manifest.js';
import { ByteBudget } from './layers/layer-limits.js';
import { defaultLimits, type ScanLimits } from './scan-limits.settings.js';
import type { ScanPolicy } from './scan-policy.js';
import { unreadableBy } from './unreadable.js';
import type { ExaminedManifest, Unreadable } from './verdict.js';

export interface ImageToExamine {
  client: RegistryClient;
  repository: RepositoryName;
  digest: Digest;
  policies: readonly ScanPolicy[];
  limits?: ScanLimits | undefined;
  signal: AbortSignal;
}

/**
 * Reads an image with everything that it reaches.
 *
 * @returns children before those that name them, the image itself last
 * @throws what a registry fails with, and the signal's reason; what is wrong with the image is part of the result
 */
export async function examineImage(image: ImageToExamine): Promise<ExaminedManifest[]> {
  const { limits = defaultLimits } = image;
  const deadline = AbortSignal.timeout(limits.image.timeMs);
  const signal = AbortSignal.any([image.signal, deadline]);
  try {
    const walkLimits = { ...limits.index, blobBytes: limits.image.bytes };
    const { manifests } = await walkImage(image.client, image, { limits: walkLimits, signal });
    const reading = { ...image, limits, signal, budget: new ByteBudget(limits.image.unpackedBytes) };
    const examined: ExaminedManifest[] = [];
    for (const manifest of manifests) examined.push(await examineOne(manifest, reading));
    return examined;
  } catch (error) {
    image.signal.throwIfAborted();
    const unreadable = deadline.aborted ? tooSlow(limits.image.timeMs) : unreadableBy(error);
    if (unreadable === undefined) throw error;
    return [{ digest: image.digest, kind: 'index', children: [], unreadable }];
  }
}

async function examineOne(manifest: Manifest, reading: ManifestReading): Promise<ExaminedManifest> {
  const { document, descriptor } = manifest;
  const { digest } = descriptor;
  if (!isIndex(document)) return await examineManifest({ digest, document }, reading);
  const children = childManifests(manifest).map((child) => child.digest);
  const strange = blobsOf(manifest)[0];
  const unreadable: Unreadable | undefined = strange && {
    reason: 'not-readable',
    message: `It is an index that names ${strange.digest}, which is no manifest.`,
  };
  return { digest, kind: 'index', children, unreadable };
}

function tooSlow(timeMs: number): Unreadable {
  return { reason: 'limit-exceeded', message: `It could not be read within ${timeMs / 1000} seconds.` };
}
