import { gzipSync } from 'node:zlib';
import { type Digest, digestOf } from '@pratique/contracts';
import {
  type BuiltImage,
  type Descriptor,
  describeBytes,
  type DescribedBytes,
  describeJson,
  mediaType,
} from '@pratique/oci';
import { imageOf } from '@pratique/testing';

const title = 'org.opencontainers.image.title';
export const layerType = mediaType.ociLayerGzip;

export function imageRunAs(user: string, layer: Archive): BuiltImage {
  return image([layer], undefined, { config: { User: user } });
}

export function bicepImage(): Promise<BuiltImage> {
  return imageOf({ layers: [{ 'main.bicep': 'param a string\n' }] });
}

export function blob(text: string, type: string = mediaType.ociLayer): DescribedBytes {
  return describeBytes(Buffer.from(text), type);
}

interface Archive extends DescribedBytes {
  diffId: Digest;
}

/** A layer of one file, as a tar of its own making: a header, a block of content, an end. */
export function archive(path: string, type: string = layerType): Archive {
  const header = Buffer.alloc(512);
  header.write(path);
  header.write('00000000001\0', 124);
  header.write('        0', 148);
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const tar = Buffer.concat([header, Buffer.from('x'), Buffer.alloc(511 + 1024)]);
  return { ...describeBytes(gzipSync(tar), type), diffId: digestOf(tar) };
}

export function titled<T extends DescribedBytes>(
  part: T,
  name: string,
  more: Record<string, string> = {},
): T {
  return { ...part, descriptor: { ...part.descriptor, annotations: { [title]: name, ...more } } };
}

export function configFor(
  layers: readonly Archive[],
  type: string = mediaType.ociConfig,
  more: object = {},
): DescribedBytes {
  const rootfs = { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) };
  return describeJson({ os: 'linux', architecture: 'amd64', rootfs, ...more }, type);
}

export function image(layers: readonly Archive[], type?: string, more?: object): BuiltImage {
  return artifact(layers, configFor(layers, type, more));
}

export function artifact(
  layers: readonly DescribedBytes[],
  config = blob('{}', 'application/vnd.unknown.config.v1+json'),
): BuiltImage {
  const manifest = describeJson(
    {
      schemaVersion: 2,
      mediaType: mediaType.ociManifest,
      config: config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
    },
    mediaType.ociManifest,
  );
  return { root: manifest.descriptor, manifests: [manifest], blobs: [config, ...layers] };
}

/** As BuildKit attaches it: an image whose one layer is a statement. */
export function provenance(): BuiltImage {
  const statement = blob('{"_type":"https://in-toto.io/Statement/v0.1"}', 'application/vnd.in-toto+json');
  return artifact([statement], configFor([{ ...statement, diffId: statement.descriptor.digest }]));
}

export function indexWithBlob(child: BuiltImage): BuiltImage {
  const stray = blob('x', 'application/octet-stream');
  const manifests: Descriptor[] = [child.root, stray.descriptor];
  const index = describeJson(
    { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests },
    mediaType.ociIndex,
  );
  return { root: index.descriptor, manifests: [...child.manifests, index], blobs: [...child.blobs, stray] };
}
