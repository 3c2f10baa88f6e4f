import { gzipSync, zstdCompressSync } from 'node:zlib';
import { digestOf } from '@pratique/contracts';
import {
  type BuiltImage,
  type Descriptor,
  describeBytes,
  type DescribedBytes,
  describeJson,
  mediaType,
} from '@pratique/oci';
import type { ForgedImage } from './forged-registry.js';
import { file, tar } from './tar-forge.js';

export interface Layer extends DescribedBytes {
  diffId: string;
}

export const gzip = (bytes: Buffer): Buffer => gzipSync(bytes, { level: 1 });
export const zstd = (bytes: Buffer): Buffer => zstdCompressSync(bytes);

/** A layer whose bytes unpack to a tar, as far as its diffID says. */
export function layer(bytes: Buffer, unpacked: Buffer, type: string = mediaType.ociLayerGzip): Layer {
  return { ...describeBytes(bytes, type), diffId: digestOf(unpacked) };
}

export function plain(bytes: Buffer): Layer {
  return layer(bytes, bytes, mediaType.ociLayer);
}

export const goodLayer = plain(tar(file('main.bicep')));

export function configOf(layers: readonly Layer[], more: object = {}): DescribedBytes {
  const rootfs = { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) };
  return describeJson({ os: 'linux', architecture: 'amd64', rootfs, ...more }, mediaType.ociConfig);
}

/** An image of some layers whose config tells the truth, unless it is given another. */
export function image(layers: readonly Layer[], config = configOf(layers)): BuiltImage {
  return manifestOf(config, layers);
}

export function manifestOf(
  config: DescribedBytes,
  layers: readonly DescribedBytes[],
  more: object = {},
): BuiltImage {
  const manifest = describeJson(
    {
      schemaVersion: 2,
      mediaType: mediaType.ociManifest,
      config: config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
      ...more,
    },
    mediaType.ociManifest,
  );
  return { root: manifest.descriptor, manifests: [manifest], blobs: [config, ...layers] };
}

/** An artifact of blobs with titles. */
export function artifact(
  files: readonly [title: string | undefined, content: Buffer | string, type?: string][],
): BuiltImage {
  const config = describeBytes(Buffer.from('{}'), mediaType.ociEmpty);
  const layers = files.map(([title, content, type = mediaType.ociLayer]) => {
    const blob = describeBytes(Buffer.from(content as string), type);
    const annotations = title === undefined ? undefined : { 'org.opencontainers.image.title': title };
    return said(blob, { ...(annotations && { annotations }) });
  });
  return manifestOf(config, layers);
}

/** The same bytes, of which something else is said. */
export function said<T extends DescribedBytes>(part: T, about: Partial<Descriptor>): T {
  return { ...part, descriptor: { ...part.descriptor, ...about } };
}

export function indexOf(children: readonly BuiltImage[], entries?: readonly Descriptor[]): BuiltImage {
  const manifests = entries ?? children.map(({ root }) => root);
  const index = describeJson(
    { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests },
    mediaType.ociIndex,
  );
  return {
    root: index.descriptor,
    manifests: [...children.flatMap((child) => child.manifests), index],
    blobs: children.flatMap((child) => child.blobs),
  };
}

/** A document that no builder would write, as a manifest. */
export function rawManifest(text: string | Buffer, type: string = mediaType.ociManifest): ForgedImage {
  const manifest = describeBytes(Buffer.from(text as string), type);
  return { root: manifest.descriptor, manifests: [manifest], blobs: [] };
}
