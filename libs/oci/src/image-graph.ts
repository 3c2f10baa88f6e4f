import type { Digest } from '@pratique/contracts';
import type { Descriptor } from './descriptor.js';
import { isIndex, type Manifest } from './manifest.js';
import { isManifestType } from './media-types.js';

/** Everything that a manifest reaches, itself included. */
export interface ImageGraph {
  root: Manifest;
  /** Every manifest once, each after everything that it names: the order in which they may be pushed. */
  manifests: Manifest[];
  /** Every blob once. */
  blobs: Descriptor[];
}

/** The manifests that a manifest names. A subject is not one: an artifact may exist before its subject. */
export function childManifests({ document }: Manifest): Descriptor[] {
  return isIndex(document) ? document.manifests.filter(({ mediaType }) => isManifestType(mediaType)) : [];
}

/**
 * The blobs that a manifest names: config and layers, and entries of an index that are no manifests. BuildKit's cache
 * exports are indexes whose entries are layers.
 */
export function blobsOf({ document }: Manifest): Descriptor[] {
  if (isIndex(document)) return document.manifests.filter(({ mediaType }) => !isManifestType(mediaType));
  return [document.config, ...document.layers];
}

/** Brings loaded manifests into order; children come before the manifests that name them. */
export function orderGraph(root: Manifest, loaded: ReadonlyMap<Digest, Manifest>): ImageGraph {
  const ordered = new Map<Digest, Manifest>();
  const visit = (manifest: Manifest): void => {
    if (ordered.has(manifest.descriptor.digest)) return;
    for (const child of childManifests(manifest)) {
      const found = loaded.get(child.digest);
      if (found !== undefined) visit(found);
    }
    ordered.set(manifest.descriptor.digest, manifest);
  };
  visit(root);
  const manifests = [...ordered.values()];
  return { root, manifests, blobs: uniqueBlobs(manifests) };
}

/** The blobs of some manifests, each once. */
export function uniqueBlobs(manifests: readonly Manifest[]): Descriptor[] {
  return [
    ...new Map(
      manifests.flatMap((manifest) => blobsOf(manifest)).map((blob) => [blob.digest, blob]),
    ).values(),
  ];
}

/** Manifests in groups that may be pushed together, each group after those that it depends on. Takes them ordered. */
export function pushWaves(ordered: readonly Manifest[]): Manifest[][] {
  const heights = new Map<Digest, number>();
  const waves: Manifest[][] = [];
  for (const manifest of ordered) {
    const below = childManifests(manifest).map(({ digest }) => heights.get(digest) ?? -1);
    const height = Math.max(-1, ...below) + 1;
    heights.set(manifest.descriptor.digest, height);
    (waves[height] ??= []).push(manifest);
  }
  return waves;
}
