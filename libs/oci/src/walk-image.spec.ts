import { RepositoryName } from '@pratique/contracts';
import {
  artifactOf,
  imageOf,
  indexOf,
  pushImage,
  startTestRegistry,
  type TestRegistry,
} from '@pratique/testing';
import type { BuiltImage } from './built-image.js';
import { describeJson } from './built-image.js';
import type { ImageGraph } from './image-graph.js';
import { mediaType } from './media-types.js';
import { walkImage } from './walk-image.js';
import type { WalkLimits } from './walk-limits.js';

const repository = RepositoryName.parse('team/app');

describe('oci/walk-image', () => {
  let registry: TestRegistry;

  beforeAll(async () => {
    registry = await startTestRegistry();
  });

  afterAll(async () => {
    await registry.close();
  });

  async function walk(image: BuiltImage, limits: Partial<WalkLimits> = {}): Promise<ImageGraph> {
    await pushImage(registry.client, image, { repository });
    return await walkImage(registry.client, { repository, digest: image.root.digest }, { limits });
  }
  const digests = ({ manifests }: { manifests: { descriptor: { digest: string } }[] }): string[] =>
    manifests.map(({ descriptor }) => descriptor.digest);

  it('reaches one manifest and its blobs', async () => {
    const image = await imageOf({ layers: [{ a: '1' }, { b: '2' }] });
    const graph = await walk(image);
    expect(graph.root.descriptor).toMatchObject(image.root);
    expect(graph.blobs.map(({ digest }) => digest)).toEqual(
      image.blobs.map(({ descriptor }) => descriptor.digest),
    );
  });

  it('gives every manifest once, children before parents', async () => {
    const shared = await imageOf();
    const other = await imageOf({ layers: [{ b: '2' }] });
    const inner = indexOf([shared, other]);
    const outer = indexOf([inner, shared]);
    const graph = await walk(outer);
    expect(digests(graph)).toEqual([shared, other, inner, outer].map(({ root }) => root.digest));
  });

  it('does not follow a subject', async () => {
    const graph = await walk(
      artifactOf({ a: 'b' }, { subject: (await imageOf({ layers: [{ c: '3' }] })).root }),
    );
    expect(graph.manifests).toHaveLength(1);
  });

  it.each<[string, Partial<WalkLimits>]>([
    ['nested too deep', { depth: 2 }],
    ['of too many manifests', { manifests: 2 }],
    ['of too many parts', { descriptors: 3 }],
    ['with manifests too large together', { manifestBytes: 1000 }],
    ['too large altogether', { blobBytes: 300 }],
  ])('refuses an image that is %s', async (_, limits) => {
    const image = indexOf([indexOf([await imageOf()]), await imageOf({ layers: [{ b: '2' }] })]);
    await expect(walk(image, limits)).rejects.toMatchObject({ code: 'limit-exceeded' });
  });

  it('takes an image that is within the limits just so', async () => {
    const image = indexOf([indexOf([await imageOf()])]);
    expect((await walk(image, { depth: 3, manifests: 3 })).manifests).toHaveLength(3);
  });

  it('refuses an index that describes its child wrongly', async () => {
    const child = await imageOf();
    const lying = describeJson(
      {
        schemaVersion: 2,
        mediaType: mediaType.ociIndex,
        manifests: [{ ...child.root, mediaType: mediaType.dockerManifest }],
      },
      mediaType.ociIndex,
    );
    await pushImage(registry.client, child, { repository });
    const image = { root: lying.descriptor, manifests: [lying], blobs: [] };
    await expect(walk(image)).rejects.toMatchObject({ code: 'unsupported-manifest' });
  });

  it('does not pass over a child that is missing', async () => {
    const child = await imageOf({ layers: [{ gone: 'soon' }] });
    const index = indexOf([child]);
    await pushImage(registry.client, index, { repository });
    await registry.client.deleteManifest(repository, child.root.digest);
    const walking = walkImage(registry.client, { repository, digest: index.root.digest });
    await expect(walking).rejects.toMatchObject({ code: 'not-found' });
  });
});
