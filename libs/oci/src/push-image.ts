import type { RepositoryName, Tag } from '@pratique/contracts';
import type { BuiltImage } from './built-image.js';
import type { RegistryClient } from './registry-client.js';

export interface PushPlace {
  repository: RepositoryName;
  /** None: the image can be reached by its digest only. */
  tags?: readonly Tag[];
  signal?: AbortSignal;
}

/** Pushes what was built in memory: blobs, the other manifests by digest, and the root last, by its tags. */
export async function pushImage(client: RegistryClient, image: BuiltImage, place: PushPlace): Promise<void> {
  const { repository, tags = [], signal } = place;
  for (const { descriptor, bytes } of image.blobs) {
    const present = await client.hasBlob(repository, descriptor.digest, { signal });
    if (!present) await client.uploadBlob(repository, descriptor, { source: bytes, signal });
  }
  for (const { descriptor, bytes } of image.manifests) {
    const { mediaType, digest } = descriptor;
    // A registry tells of every PUT. The root is put under its tags only, as other clients do, or it would be told twice.
    const references = digest === image.root.digest && tags.length > 0 ? tags : [digest];
    for (const reference of references) {
      await client.putManifest(repository, reference, { bytes, mediaType, signal });
    }
  }
}
