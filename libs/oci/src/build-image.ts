import { buildLayer } from './build-layer.js';
import { type BuiltImage, describeJson, uniqueBytes } from './built-image.js';
import type { Platform } from './descriptor.js';
import { mediaType } from './media-types.js';

export interface ImageInput {
  /** Per layer, from the bottom: contents by path. */
  layers: Record<string, string | Buffer>[];
  /** Default: linux/amd64. */
  platform?: Platform;
  /** What a container of the image starts with: `Env`, `Cmd`, `User` … */
  config?: Record<string, unknown>;
  annotations?: Record<string, string>;
}

/** Builds a container image of one platform; the same input gives the same digest. */
export async function buildImage(input: ImageInput): Promise<BuiltImage> {
  const layers = await Promise.all(input.layers.map((files) => buildLayer(files)));
  const config = describeJson(
    {
      ...(input.platform ?? { architecture: 'amd64', os: 'linux' }),
      config: input.config ?? {},
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    },
    mediaType.ociConfig,
  );
  const manifest = describeJson(
    {
      schemaVersion: 2,
      mediaType: mediaType.ociManifest,
      config: config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
      ...(input.annotations && { annotations: input.annotations }),
    },
    mediaType.ociManifest,
  );
  return { root: manifest.descriptor, manifests: [manifest], blobs: uniqueBytes([config, ...layers]) };
}
