import { RepositoryName, Tag } from '@pratique/contracts';
import {
  artifactOf,
  imageOf,
  indexOf,
  pushImage,
  startTestRegistry,
  type TestRegistry,
} from '@pratique/testing';
import type { BuiltImage } from './built-image.js';
import { copyImage, type CopyRequest } from './copy-image.js';
import type { CopyReport } from './copy-job.js';

const repository = RepositoryName.parse('team/app');
const tag = Tag.parse('1.0.0');

/** What is looked at, and mended, where the target had the image before. */
describe('oci/ensure-image', () => {
  let source: TestRegistry;
  let target: TestRegistry;
  let child: BuiltImage;
  let index: BuiltImage;

  beforeEach(async () => {
    [source, target] = await Promise.all([startTestRegistry(), startTestRegistry()]);
    child = await imageOf();
    index = indexOf([child, await imageOf({ layers: [{ b: '2' }] })]);
    await pushImage(source.client, index, { repository });
    await copy();
    target.heard();
  });

  afterEach(async () => {
    await Promise.all([source.close(), target.close()]);
  });

  async function copy(more: Partial<CopyRequest> = {}): Promise<CopyReport> {
    return await copyImage({
      source: { client: source.client, repository, digest: index.root.digest },
      target: { client: target.client, repository, tags: [tag] },
      ...more,
    });
  }

  const writes = (): string[] => target.heard().filter((line) => /^(PUT|POST|PATCH)/.test(line));

  it('asks for every child of an index that is there, and writes nothing', async () => {
    expect(await copy()).toMatchObject({
      before: { [tag]: index.root.digest },
      verified: { tags: 1, manifests: 3, blobs: 0 },
      requests: 4,
      bytes: 0,
    });
    expect(writes()).toEqual([]);
  });

  it('brings a child back that the target has lost under an index that it shows', async () => {
    await target.client.deleteManifest(repository, child.root.digest);

    expect(await copy()).toMatchObject({ verified: { manifests: 3 } });

    expect(await target.client.resolve(repository, child.root.digest)).toBeDefined();
    expect((await target.client.resolve(repository, tag))?.digest).toBe(index.root.digest);
  });

  it('fails when the child is lost again', async () => {
    target.intercept(({ method, path }) =>
      Promise.resolve(method === 'GET' && path.endsWith(child.root.digest) ? { status: 404 } : 'proceed'),
    );
    await expect(copy()).rejects.toMatchObject({ code: 'not-verified', side: 'target' });
  });

  it('brings a referrer back that the target lists but has lost', async () => {
    const signature = artifactOf({ sig: 'x' }, { subject: index.root });
    await pushImage(source.client, signature, { repository });
    await copy({ referrers: true });
    await target.client.deleteManifest(repository, signature.root.digest);

    expect(await copy({ referrers: true })).toMatchObject({ referrers: 1, verified: { referrers: 1 } });

    expect(await target.client.resolve(repository, signature.root.digest)).toBeDefined();
  });

  it('asks for every blob when told to, and brings back what the target lacks', async () => {
    const [blob] = child.blobs;
    let lost = 2;
    target.intercept(({ method, path }) =>
      Promise.resolve(
        method === 'HEAD' && path.endsWith(blob!.descriptor.digest) && lost-- > 0
          ? { status: 404 }
          : 'proceed',
      ),
    );

    const report = await copy({ verification: 'blobs' });

    expect(report).toMatchObject({ verification: 'blobs', verified: { blobs: 4 }, blobsCopied: 1 });
    expect(writes()).toHaveLength(2);
  });

  it('reads every blob again when told to', async () => {
    const report = await copy({ verification: 'bytes' });
    expect(report).toMatchObject({ verified: { blobs: 4 }, bytes: 0 });
    expect(target.heard().filter((line) => /^GET .*\/blobs\//.test(line))).toHaveLength(4);
  });

  it('says that the target holds other bytes under a digest', async () => {
    const [blob] = child.blobs;
    const body = ' '.repeat(blob!.bytes.length);
    target.intercept(({ method, path }) =>
      Promise.resolve(
        method === 'GET' && path.endsWith(blob!.descriptor.digest) ? { status: 200, body } : 'proceed',
      ),
    );
    await expect(copy({ verification: 'bytes' })).rejects.toMatchObject({
      code: 'digest-mismatch',
      side: 'target',
      retryable: false,
    });
  });

  it('brings everything once more when the target refuses a tag for a part that it said it had', async () => {
    const other = await imageOf({ layers: [{ c: '3' }] });
    await pushImage(source.client, other, { repository });
    let refusals = 1;
    target.intercept(({ method, path }) =>
      Promise.resolve(
        method === 'PUT' && path.endsWith(`/manifests/${tag}`) && refusals-- > 0
          ? { status: 404, body: JSON.stringify({ errors: [{ code: 'MANIFEST_BLOB_UNKNOWN' }] }) }
          : 'proceed',
      ),
    );

    await copy({ source: { client: source.client, repository, digest: other.root.digest } });

    expect((await target.client.resolve(repository, tag))?.digest).toBe(other.root.digest);
  });
});
