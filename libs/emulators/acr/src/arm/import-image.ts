import { parseManifest } from '../distribution/manifest-content.js';
import type { Registry } from '../registry/registry.js';
import { storeManifest } from '../registry/store-manifest.js';
import { ArmError } from './arm-error.js';
import type { ImportTarget } from './import-request.js';

/** Azure's limit per image: https://learn.microsoft.com/azure/container-registry/container-registry-import-images */
const maxManifests = 50;

/** A manifest at the source with its bytes and the blobs it needs. */
interface SourceManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly blobs: readonly string[];
}

export interface ImportJob {
  readonly source: Registry;
  readonly target: Registry;
  readonly repository: string;
  readonly digest: string;
  readonly targets: readonly ImportTarget[];
  readonly force: boolean;
}

/** Copies an image with all children of an index, tags last. Referrers stay behind, as with Azure. */
export async function importImage(job: ImportJob): Promise<void> {
  const manifests = await collectManifests(job);
  for (const { repository, tags } of job.targets) {
    requireFreeTags(job.target, { repository, tags }, job.force);
    for (const manifest of manifests) {
      for (const blob of manifest.blobs) await copyBlob(job, repository, blob);
      const isRoot = manifest.digest === job.digest;
      if (!isRoot && job.target.repositories.manifest(repository, manifest.digest) !== undefined) continue;
      await storeManifest(job.target, {
        repository,
        bytes: manifest.bytes,
        mediaType: manifest.mediaType,
        tags: isRoot ? tags : [],
        request: { method: 'PUT' },
      });
    }
  }
}

/** NoForce refuses an import onto any tag that exists, whatever it points to. */
export function requireFreeTags(target: Registry, { repository, tags }: ImportTarget, force: boolean): void {
  const taken = tags.find((tag) => target.repositories.tag(repository, tag) !== undefined);
  if (force || taken === undefined) return;
  throw new ArmError('Conflict', `Tag ${repository}:${taken} already exists in target registry.`);
}

/** The manifest and everything below it, children first. */
async function collectManifests({ source, repository, digest }: ImportJob): Promise<SourceManifest[]> {
  const collected = new Map<string, SourceManifest>();
  const seen = new Set<string>();
  const visit = async (current: string): Promise<void> => {
    const stored = source.repositories.manifest(repository, current);
    // An index may also list blobs; those are copied with the index.
    if (stored === undefined || seen.has(current)) return;
    if (seen.add(current).size > maxManifests) {
      throw new ArmError('InvalidParameters', `The image has more than ${maxManifests} manifests.`);
    }
    const bytes = await source.content.read(current);
    const content = parseManifest(bytes, stored.mediaType);
    for (const child of content.manifests) await visit(child);
    const listedBlobs = content.manifests.filter((child) => source.repositories.hasBlob(repository, child));
    const blobs = [...new Set([...content.blobs, ...listedBlobs])];
    collected.set(current, { digest: current, mediaType: stored.mediaType, bytes, blobs });
  };
  await visit(digest);
  return [...collected.values()];
}

async function copyBlob({ source, target }: ImportJob, repository: string, digest: string): Promise<void> {
  if (target.repositories.hasBlob(repository, digest)) return;
  if ((await target.content.size(digest)) === undefined) {
    const staged = await target.content.stage();
    try {
      for await (const chunk of source.content.open(digest)) await staged.append(chunk as Buffer);
    } catch (cause) {
      await staged.discard();
      throw new ArmError('InvalidParameters', `Error copying blobs. ${digest} cannot be read.`, { cause });
    }
    await staged.commit(digest);
  }
  await target.repositories.addBlob(repository, digest);
}
