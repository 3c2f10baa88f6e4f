import { digestOf } from '@pratique/contracts';
import { imageOf, indexOf } from '@pratique/testing';
import { isIndex, readManifest } from './manifest.js';
import { mediaType } from './media-types.js';

const part = (text: string, type: string = mediaType.ociLayer): object => ({
  mediaType: type,
  digest: digestOf(text),
  size: text.length,
});
const image = { schemaVersion: 2, mediaType: mediaType.ociManifest, config: part('{}'), layers: [part('a')] };
const bytesOf = (document: unknown): Buffer => Buffer.from(JSON.stringify(document));
const unsupported = expect.objectContaining({ code: 'unsupported-manifest' }) as Error;

describe('oci/manifest', () => {
  it('reads images and indexes, and keeps their bytes', async () => {
    const built = await imageOf();
    const { bytes, descriptor } = built.manifests[0]!;
    const manifest = readManifest(bytes, descriptor.mediaType);
    expect(manifest).toMatchObject({ bytes, descriptor });
    expect(isIndex(manifest.document)).toBe(false);
    const index = indexOf([built]);
    expect(isIndex(readManifest(index.manifests.at(-1)!.bytes, index.root.mediaType).document)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'application/json',
    'text/plain; charset=utf-8',
    `${mediaType.ociManifest}; charset=utf-8`,
  ])('goes by what the document calls itself when it is served as %p', (contentType) => {
    expect(readManifest(bytesOf(image), contentType).descriptor.mediaType).toBe(mediaType.ociManifest);
  });

  it('goes by how it is served when it does not call itself anything', () => {
    const { mediaType: _, ...unnamed } = image;
    expect(readManifest(bytesOf(unnamed), mediaType.ociManifest).descriptor.mediaType).toBe(
      mediaType.ociManifest,
    );
    expect(() => readManifest(bytesOf(unnamed), undefined)).toThrow(unsupported);
  });

  it('keeps the digest under which it was asked for', () => {
    const bytes = bytesOf(image);
    const digest = digestOf(bytes, 'sha512');
    expect(readManifest(bytes, undefined, digest).descriptor.digest).toBe(digest);
  });

  it.each([
    ['served as an index', image, mediaType.ociIndex],
    ['an index and an image', { ...image, manifests: [] }, undefined],
    [
      'an image and an index',
      { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [], layers: [] },
      undefined,
    ],
    ['without a config', { ...image, config: undefined }, undefined],
    [
      'with a digest that cannot be checked',
      { ...image, layers: [{ ...part('a'), digest: 'md5:00' }] },
      undefined,
    ],
    ['with a negative size', { ...image, layers: [{ ...part('a'), size: -1 }] }, undefined],
    ['with an inexact size', { ...image, layers: [{ ...part('a'), size: 2 ** 60 }] }, undefined],
    [
      'schema 1',
      { schemaVersion: 1, name: 'a', fsLayers: [] },
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
    ],
    ['with layers that only Go sees', { ...image, Layers: [part('evil')] }, undefined],
    ['with a long s, which Go takes for an s', { ...image, 'layer\u017f': [part('evil')] }, undefined],
    [
      'with a layer digest that only Go sees',
      { ...image, layers: [{ ...part('a'), Digest: digestOf('evil') }] },
      undefined,
    ],
    ['a list', [], mediaType.ociManifest],
    ['nothing', null, mediaType.ociManifest],
  ])('refuses a document that is %s', (_, document, contentType) => {
    expect(() => readManifest(bytesOf(document), contentType)).toThrow(unsupported);
  });

  it('refuses what is not JSON, and is not upset by what nests without end', () => {
    expect(() => readManifest(Buffer.from('<html>'), mediaType.ociManifest)).toThrow(unsupported);
    const deep = Buffer.from(`${'{"x":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    expect(() => readManifest(deep, mediaType.ociManifest)).toThrow(unsupported);
  });

  it('refuses a field that is there twice, of which clients take the last, the first or both', () => {
    const twice = JSON.stringify(image).replace('"layers":', '"layers":[],"layers":');
    expect(() => readManifest(Buffer.from(twice), mediaType.ociManifest)).toThrow(unsupported);
  });

  it('leaves annotations alone, whatever their names', () => {
    expect(() => readManifest(bytesOf({ ...image, annotations: { Layers: 'x' } }), undefined)).not.toThrow();
  });
});
