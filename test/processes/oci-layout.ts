import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltImage } from '@pratique/oci';

/**
 * Writes an image as an OCI layout, from which `skopeo copy oci:<folder>` reads it.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export async function writeOciLayout(folder: string, image: BuiltImage): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  for (const { descriptor, bytes } of [...image.blobs, ...image.manifests]) {
    await writeFile(join(blobs, descriptor.digest.replace('sha256:', '')), bytes);
  }
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const index = { schemaVersion: 2, manifests: [image.root] };
  await writeFile(join(folder, 'index.json'), JSON.stringify(index));
}
