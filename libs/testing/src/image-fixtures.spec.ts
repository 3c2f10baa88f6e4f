import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { digestOf } from '@pratique/contracts';
import { ImageManifest, ImageIndex } from '@pratique/oci';
import { extract } from 'tar-stream';
import { artifactOf, imageOf, indexOf } from './image-fixtures.js';

describe('testing/image-fixtures', () => {
  it('builds the same image from the same files', async () => {
    const [one, other] = await Promise.all([imageOf(), imageOf()]);
    expect(one.root.digest).toBe(other.root.digest);
  });

  it('names every part by its own digest and size', async () => {
    const image = await imageOf({ layers: [{ a: '1' }, { b: '2' }] });
    for (const { descriptor, bytes } of [...image.manifests, ...image.blobs]) {
      expect(descriptor).toMatchObject({ digest: digestOf(bytes), size: bytes.length });
    }
  });

  it('names in the config the digests of the unpacked layers, which can be read back', async () => {
    const image = await imageOf({ layers: [{ 'etc/motd': 'hello' }] });
    const manifest = ImageManifest.parse(JSON.parse(String(image.manifests[0]?.bytes)));
    const blob = (digest: string): Buffer =>
      image.blobs.find(({ descriptor }) => descriptor.digest === digest)?.bytes ?? Buffer.alloc(0);
    const layer = blob(manifest.layers[0]?.digest ?? '');
    const tar = Buffer.concat(await Readable.from([layer]).pipe(createGunzip()).toArray());
    const config = JSON.parse(String(blob(manifest.config.digest))) as { rootfs: { diff_ids: string[] } };
    expect(config.rootfs.diff_ids).toEqual([digestOf(tar)]);

    const names: string[] = [];
    for await (const entry of Readable.from([tar]).pipe(extract())) {
      names.push(entry.header.name);
      entry.resume();
    }
    expect(names).toEqual(['etc/motd']);
  });

  it('builds an artifact with titled layers and the empty config, as oras push does', () => {
    const artifact = artifactOf({ 'main.bicep': 'param x string' });
    const manifest = ImageManifest.parse(JSON.parse(String(artifact.manifests[0]?.bytes)));
    expect(manifest.config.digest).toBe(digestOf('{}'));
    expect(manifest.layers[0]?.annotations).toEqual({ 'org.opencontainers.image.title': 'main.bicep' });
    expect(manifest.artifactType).toBe('application/vnd.unknown.artifact.v1');
  });

  it('builds an index that lists its images after them', async () => {
    const images = [await imageOf({ layers: [{ a: '1' }] }), await imageOf({ layers: [{ b: '2' }] })];
    const index = indexOf(images);
    const document = ImageIndex.parse(JSON.parse(String(index.manifests.at(-1)?.bytes)));
    expect(document.manifests.map(({ digest }) => digest)).toEqual(images.map(({ root }) => root.digest));
    expect(index.root.digest).toBe(index.manifests.at(-1)?.descriptor.digest);
  });
});
