import { randomBytes } from 'node:crypto';
import { RepositoryName, Tag } from '@pratique/contracts';
import {
  artifactOf,
  imageOf,
  indexOf,
  pushImage,
  startTestRegistry,
  type TestRegistry,
} from '@pratique/testing';
import { buildArtifact } from './build-artifact.js';
import { describeJson } from './built-image.js';
import { copyImage, type CopyRequest } from './copy-image.js';
import type { CopyProgress } from './copy-job.js';
import { fallbackTag } from './list-referrers.js';
import { mediaType } from './media-types.js';
import { recordReferrer } from './record-referrer.js';

const repository = RepositoryName.parse('team/app');
const elsewhere = RepositoryName.parse('mirror/app');
const tag = Tag.parse('1.0.0');

describe('oci/copy-image', () => {
  let source: TestRegistry;
  let target: TestRegistry;

  beforeEach(async () => {
    [source, target] = await Promise.all([startTestRegistry(), startTestRegistry()]);
  });

  afterEach(async () => {
    await Promise.all([source.close(), target.close()]);
  });

  const request = (
    digest: CopyRequest['source']['digest'],
    more: Partial<CopyRequest> = {},
  ): CopyRequest => ({
    source: { client: source.client, repository, digest },
    target: { client: target.client, repository: elsewhere, tags: [tag] },
    ...more,
  });

  it('brings an image over with the same bytes under the same digests', async () => {
    const image = await imageOf({ layers: [{ a: '1' }, { b: '2' }] });
    await pushImage(source.client, image, { repository, tags: [tag] });

    const report = await copyImage(request(image.root.digest));

    expect(report).toMatchObject({
      digest: image.root.digest,
      tags: [tag],
      manifests: 1,
      blobsCopied: 3,
      quarantined: false,
    });
    expect(report.bytes).toBe(image.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0));
    const copied = await target.client.manifest(elsewhere, tag);
    expect(copied.bytes).toEqual(image.manifests[0]?.bytes);
    for (const { descriptor, bytes } of image.blobs) {
      const blob = await target.client.blob(elsewhere, descriptor);
      expect(Buffer.concat(await blob.toArray())).toEqual(bytes);
    }
  });

  it('brings every child of an index, before the index and the tag', async () => {
    const images = [await imageOf({ layers: [{ a: '1' }] }), await imageOf({ layers: [{ b: '2' }] })];
    const index = indexOf([indexOf(images), ...images]);
    await pushImage(source.client, index, { repository });

    const report = await copyImage(request(index.root.digest));

    expect(report.manifests).toBe(4);
    const puts = target.heard().filter((line) => line.startsWith('PUT') && line.includes('/manifests/'));
    expect(puts.slice(-3)).toEqual([
      `PUT /v2/${elsewhere}/manifests/${index.manifests.at(-2)?.descriptor.digest}`,
      `PUT /v2/${elsewhere}/manifests/${index.root.digest}`,
      `PUT /v2/${elsewhere}/manifests/${tag}`,
    ]);
  });

  it('puts an image of one manifest once, under its tag', async () => {
    const image = await imageOf();
    await pushImage(source.client, image, { repository });
    await target.client.resolve(elsewhere, tag);
    target.heard();

    const report = await copyImage(request(image.root.digest));

    expect(target.heard().filter((line) => line.includes('/manifests/'))).toEqual([
      `HEAD /v2/${elsewhere}/manifests/${tag}`,
      `HEAD /v2/${elsewhere}/manifests/${image.root.digest}`,
      `PUT /v2/${elsewhere}/manifests/${tag}`,
      `HEAD /v2/${elsewhere}/manifests/${tag}`,
    ]);
    expect(report).toMatchObject({ manifests: 1, verified: { manifests: 1, tags: 1 } });
  });

  it('only looks at the target when it is run again', async () => {
    const index = indexOf([await imageOf()]);
    await pushImage(source.client, index, { repository });
    await copyImage(request(index.root.digest));
    target.heard();
    source.heard();

    const report = await copyImage(request(index.root.digest));

    expect(report).toMatchObject({ manifests: 0, blobsCopied: 0, bytes: 0 });
    expect(target.heard().filter((line) => !/^(HEAD|GET)/.test(line))).toEqual([]);
    expect(source.heard()).toEqual([]);
  });

  it('does not send again what an interrupted copy has left', async () => {
    const image = await imageOf({ layers: [{ big: randomBytes(100_000) }, { b: '2' }] });
    await pushImage(source.client, image, { repository });
    target.intercept(({ method, path }) =>
      Promise.resolve(method === 'PUT' && path.includes('/manifests/') ? { status: 403 } : 'proceed'),
    );
    await expect(copyImage(request(image.root.digest))).rejects.toMatchObject({
      code: 'access-refused',
      side: 'target',
    });
    target.intercept(() => Promise.resolve('proceed'));

    const report = await copyImage(request(image.root.digest));

    expect(report).toMatchObject({ blobsCopied: 0, blobsPresent: 3, manifests: 1 });
  });

  it('mounts blobs within one registry instead of moving them', async () => {
    const image = await imageOf();
    await pushImage(source.client, image, { repository });

    const report = await copyImage({
      source: { client: source.client, repository, digest: image.root.digest },
      target: { client: source.client, repository: elsewhere, tags: [tag] },
    });

    expect(report).toMatchObject({ blobsMounted: 2, blobsCopied: 0, bytes: 0 });
  });

  it('uploads in chunks where the client is told to', async () => {
    const chunked = await startTestRegistry({
      client: { upload: { monolithicBytes: 1000, chunkBytes: 40_000 } },
    });
    try {
      const image = await imageOf({ layers: [{ big: randomBytes(100_000) }] });
      await pushImage(source.client, image, { repository });
      await copyImage(
        request(image.root.digest, { target: { client: chunked.client, repository, tags: [tag] } }),
      );
      expect(chunked.heard().filter((line) => line.startsWith('PATCH'))).toHaveLength(3);
      expect(await chunked.client.resolve(repository, tag)).toMatchObject({ digest: image.root.digest });
    } finally {
      await chunked.close();
    }
  });

  it('brings signatures, what belongs to them, and cosign tags when asked to', async () => {
    const image = await imageOf();
    const sbom = artifactOf(
      { 'sbom.json': '{}' },
      { subject: image.root, artifactType: 'application/spdx+json' },
    );
    const signature = artifactOf({ sig: 'x' }, { subject: sbom.root, artifactType: 'application/signature' });
    const cosign = artifactOf({ payload: 'signed' });
    const cosignTag = Tag.parse(`${image.root.digest.replace(':', '-')}.sig`);
    for (const artifact of [image, sbom, signature]) await pushImage(source.client, artifact, { repository });
    await pushImage(source.client, cosign, { repository, tags: [cosignTag] });

    const first = await copyImage(request(image.root.digest, { referrers: true }));
    const again = await copyImage(request(image.root.digest, { referrers: true }));

    expect(first).toMatchObject({ manifests: 4, referrers: 3 });
    expect(again).toMatchObject({ manifests: 0, referrers: 3, blobsCopied: 0 });
    expect(await target.client.referrers(elsewhere, image.root.digest)).toMatchObject([
      { digest: sbom.root.digest },
    ]);
    expect(await target.client.referrers(elsewhere, sbom.root.digest)).toMatchObject([
      { digest: signature.root.digest },
    ]);
    expect(await target.client.resolve(elsewhere, cosignTag)).toMatchObject({ digest: cosign.root.digest });
  });

  it('finds signatures by the fallback tag at a source without the referrers API', async () => {
    const image = await imageOf();
    const signature = artifactOf({ sig: 'x' }, { subject: image.root });
    for (const artifact of [image, signature]) await pushImage(source.client, artifact, { repository });
    const referrer = await source.client.manifest(repository, signature.root.digest);
    await recordReferrer(source.client, { repository, subject: image.root.digest, referrer });
    source.intercept(({ path }) =>
      Promise.resolve(path.includes('/referrers/') ? { status: 404 } : 'proceed'),
    );

    expect(await copyImage(request(image.root.digest, { referrers: true }))).toMatchObject({ referrers: 1 });

    expect(await target.client.referrers(elsewhere, image.root.digest)).toMatchObject([
      { digest: signature.root.digest },
    ]);
    expect(await target.client.resolve(elsewhere, fallbackTag(image.root.digest))).toBeUndefined();
  });

  it('does no harm when it runs several times at once', async () => {
    const index = indexOf([await imageOf(), await imageOf({ layers: [{ b: '2' }] })]);
    await pushImage(source.client, index, { repository });
    const reports = await Promise.all([1, 2, 3].map(() => copyImage(request(index.root.digest))));
    expect(reports).toHaveLength(3);
    expect(await target.client.resolve(elsewhere, tag)).toMatchObject({ digest: index.root.digest });
  });

  it('leaves referrers behind unless asked', async () => {
    const image = await imageOf();
    await pushImage(source.client, image, { repository });
    await pushImage(source.client, artifactOf({ a: 'b' }, { subject: image.root }), { repository });
    await copyImage(request(image.root.digest));
    expect(await target.client.referrers(elsewhere, image.root.digest)).toEqual([]);
  });

  it("keeps a signature that was made at the target under cosign's tag", async () => {
    const image = await imageOf();
    const cosignTag = Tag.parse(`${image.root.digest.replace(':', '-')}.sig`);
    const ours = artifactOf({ theirs: 'vendor' });
    const theirs = artifactOf({ ours: 'customer' });
    await pushImage(source.client, image, { repository });
    await pushImage(source.client, ours, { repository, tags: [cosignTag] });
    await pushImage(target.client, theirs, { repository: elsewhere, tags: [cosignTag] });

    await copyImage(request(image.root.digest, { referrers: true }));

    expect(await target.client.resolve(elsewhere, cosignTag)).toMatchObject({ digest: theirs.root.digest });
  });

  it("replaces cosign's tag by one that holds all the signatures of the target", async () => {
    const image = await imageOf();
    const cosignTag = Tag.parse(`${image.root.digest.replace(':', '-')}.sig`);
    const both = artifactOf({ one: 'first', two: 'second' });
    await pushImage(source.client, image, { repository });
    await pushImage(source.client, both, { repository, tags: [cosignTag] });
    await pushImage(target.client, artifactOf({ one: 'first' }), {
      repository: elsewhere,
      tags: [cosignTag],
    });

    await copyImage(request(image.root.digest, { referrers: true }));

    expect(await target.client.resolve(elsewhere, cosignTag)).toMatchObject({ digest: both.root.digest });
  });

  it('repairs a target whose registry finds a part missing', async () => {
    const child = await imageOf();
    const index = indexOf([child]);
    await pushImage(source.client, index, { repository });
    let lied = false;
    target.intercept(({ method, path }) => {
      // A stale answer: the child is said to be there, and is not.
      if (method === 'HEAD' && path.endsWith(child.root.digest) && !lied) {
        lied = true;
        const headers = { 'docker-content-digest': child.root.digest, 'content-type': child.root.mediaType };
        return Promise.resolve({ status: 200, headers });
      }
      return Promise.resolve('proceed');
    });

    await copyImage(request(index.root.digest));

    expect(lied).toBe(true);
    expect(await target.client.resolve(elsewhere, child.root.digest)).toMatchObject({
      digest: child.root.digest,
    });
  });

  it('says that an image has arrived though the target keeps it in quarantine', async () => {
    const guarded = await startTestRegistry({ emulator: { quarantine: true } });
    try {
      const image = await imageOf();
      await pushImage(source.client, image, { repository });
      const copy = request(image.root.digest, {
        target: { client: guarded.client, repository, tags: [tag] },
      });

      expect(await copyImage(copy)).toMatchObject({ quarantined: true, manifests: 1 });
      expect(await copyImage(copy)).toMatchObject({ quarantined: true, manifests: 0, blobsCopied: 0 });
    } finally {
      await guarded.close();
    }
  });

  it('refuses an image whose layer lies outside of the registry', async () => {
    const image = await foreignImage();
    await pushImage(source.client, image, { repository });
    const copying = copyImage(request(image.root.digest));
    await expect(copying).rejects.toMatchObject({ code: 'image-not-copyable', side: 'source' });
    expect(await target.client.resolve(elsewhere, tag)).toBeUndefined();
  });

  it('takes a layer that lies outside of the registry from the target when it is there', async () => {
    const image = await foreignImage();
    await pushImage(source.client, image, { repository });
    for (const { descriptor, bytes } of image.blobs) {
      await target.client.uploadBlob(elsewhere, descriptor, { source: bytes });
    }
    expect(await copyImage(request(image.root.digest))).toMatchObject({ manifests: 1, blobsPresent: 1 });
  });

  it('writes what a target cannot tell of because it was killed while it noted it down', async () => {
    const image = await imageOf();
    await pushImage(source.client, image, { repository });
    const written = new Set<string>();
    target.intercept(({ method, path }) => {
      if (method === 'PUT') written.add(path);
      const torn = method === 'HEAD' && path.endsWith(`/manifests/${tag}`) && !written.has(path);
      return Promise.resolve(torn ? { status: 500 } : 'proceed');
    });

    const report = await copyImage(request(image.root.digest));

    expect(report).toMatchObject({ manifests: 1, verified: { tags: 1 }, before: {} });
  });

  it('fails without moving the tag when the target does not show what it accepted', async () => {
    const image = indexOf([await imageOf()]);
    await pushImage(source.client, image, { repository });
    target.intercept(({ method, path }) =>
      Promise.resolve(method === 'HEAD' && path.includes('/manifests/') ? { status: 404 } : 'proceed'),
    );
    const copying = copyImage(request(image.root.digest));
    await expect(copying).rejects.toMatchObject({ code: 'not-verified', side: 'target', retryable: true });
    expect(target.heard()).not.toContain(`PUT /v2/${elsewhere}/manifests/${tag}`);
  });

  it('says which side has no such image', async () => {
    const { root } = await imageOf();
    await expect(copyImage(request(root.digest))).rejects.toMatchObject({
      code: 'not-found',
      side: 'source',
    });
  });

  it('surfaces how long a throttling target asks to wait', async () => {
    const image = await imageOf();
    await pushImage(source.client, image, { repository });
    target.intercept(({ method }) =>
      Promise.resolve(method === 'POST' ? { status: 429, headers: { 'retry-after': '70' } } : 'proceed'),
    );
    await expect(copyImage(request(image.root.digest))).rejects.toMatchObject({
      code: 'throttled',
      side: 'target',
      retryable: true,
      retryAfterMs: 70_000,
    });
  });

  it('tries a blob once more when its connection breaks', async () => {
    const image = await imageOf();
    await pushImage(source.client, image, { repository });
    let broken = 0;
    target.intercept(({ method, path }) => {
      if (method !== 'PUT' || !path.includes('/blobs/') || broken > 0) return Promise.resolve('proceed');
      broken += 1;
      return Promise.resolve('drop');
    });
    expect(await copyImage(request(image.root.digest))).toMatchObject({ blobsCopied: 2 });
    expect(broken).toBe(1);
  });

  it('stops when it is told to, with the reason that was given', async () => {
    const image = await imageOf();
    await pushImage(source.client, image, { repository });
    const stop = new AbortController();
    const reason = new Error('shutting down');
    const onProgress = (): void => stop.abort(reason);
    const copying = copyImage(
      request(image.root.digest, { signal: stop.signal, concurrency: 1, onProgress }),
    );
    await expect(copying).rejects.toBe(reason);
    expect(await target.client.resolve(elsewhere, tag)).toBeUndefined();
  });

  it('gives up at its deadline, and can be tried again', async () => {
    const image = await imageOf();
    await pushImage(source.client, image, { repository });
    source.intercept(({ path }) =>
      path.includes('/blobs/') ? new Promise(() => undefined) : Promise.resolve('proceed'),
    );
    await expect(copyImage(request(image.root.digest, { deadlineMs: 20 }))).rejects.toMatchObject({
      code: 'timed-out',
      retryable: true,
    });
    expect(await target.client.resolve(elsewhere, tag)).toBeUndefined();
  });

  it('tells what it does while it does it', async () => {
    const image = await imageOf();
    await pushImage(source.client, image, { repository });
    const steps: CopyProgress['step'][] = [];
    await copyImage(request(image.root.digest, { onProgress: ({ step }) => steps.push(step) }));
    expect(steps).toEqual(['blob', 'blob', 'tag', 'verified', 'manifest', 'verified']);
  });

  it('copies an index whose entries are blobs, as BuildKit caches are', async () => {
    const layer = buildArtifact({ files: { cache: 'layer' } });
    const index = describeJson(
      {
        schemaVersion: 2,
        mediaType: mediaType.ociIndex,
        manifests: layer.blobs.map(({ descriptor }) => descriptor),
      },
      mediaType.ociIndex,
    );
    const cache = { root: index.descriptor, manifests: [index], blobs: layer.blobs };
    await pushImage(source.client, cache, { repository });
    expect(await copyImage(request(index.descriptor.digest))).toMatchObject({ blobsCopied: 2, manifests: 1 });
  });
});

async function foreignImage(): ReturnType<typeof imageOf> {
  const image = await imageOf();
  const document = JSON.parse(String(image.manifests[0]?.bytes)) as { layers: object[] };
  const layers = document.layers.map((layer) => ({ ...layer, urls: ['https://example.test/layer'] }));
  const manifest = describeJson({ ...document, layers }, mediaType.ociManifest);
  return { ...image, root: manifest.descriptor, manifests: [manifest] };
}
