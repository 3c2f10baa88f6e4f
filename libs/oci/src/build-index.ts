import { type BuiltImage, describeJson, uniqueBytes } from './built-image.js';
import type { Platform } from './descriptor.js';
import { mediaType } from './media-types.js';

/** One entry of an index: what was built, and for which platform. */
export interface IndexEntry {
  image: BuiltImage;
  platform?: Platform;
  annotations?: Record<string, string>;
}

/** Builds an index of images, artifacts or other indexes. */
export function buildIndex(entries: readonly IndexEntry[], annotations?: Record<string, string>): BuiltImage {
  const index = describeJson(
    {
      schemaVersion: 2,
      mediaType: mediaType.ociIndex,
      manifests: entries.map(({ image, ...said }) => ({ ...image.root, ...said })),
      ...(annotations && { annotations }),
    },
    mediaType.ociIndex,
  );
  return {
    root: index.descriptor,
    manifests: [...uniqueBytes(entries.flatMap(({ image }) => image.manifests)), index],
    blobs: uniqueBytes(entries.flatMap(({ image }) => image.blobs)),
  };
}
