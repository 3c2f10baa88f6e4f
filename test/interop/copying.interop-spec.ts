import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Digest, RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import {
  anonymousTokens,
  type BuiltImage,
  buildIndex,
  copyImage,
  type CopyReport,
  type Descriptor,
  fallbackTag,
  RegistryClient,
} from '@pratique/oci';
import { artifactOf, imageOf, indexOf } from '@pratique/testing';
import { type DockerRegistry, startDockerRegistry } from '../processes/docker-registry.js';
import { writeOciLayout } from '../processes/oci-layout.js';
import { skopeo } from '../processes/skopeo.js';

const repository = RepositoryName.parse('team/app');
const tag = Tag.parse('1.0.0');

/** Copies between two CNCF Distribution registries of what skopeo has pushed, compared by what skopeo reads on both sides. */
describe('a copy between real registries', () => {
  let folder: string;
  let vendor: DockerRegistry;
  let customer: DockerRegistry;
  let source: RegistryClient;
  let target: RegistryClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pratique-copying-'));
    [vendor, customer] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
    [source, target] = [connect(vendor), connect(customer)];
  });

  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
    await Promise.all([vendor.stop(), customer.stop()]);
    await rm(folder, { recursive: true });
  });

  function connect({ host }: DockerRegistry): RegistryClient {
    return new RegistryClient({ host: RegistryHost.parse(host), plainHttp: true, tokens: anonymousTokens() });
  }

  async function push(image: BuiltImage, name: string): Promise<void> {
    const layout = join(folder, image.root.digest.replace(':', '-'));
    await writeOciLayout(layout, image);
    await skopeo(
      ...['copy', '--all', '--preserve-digests', '--dest-tls-verify=false'],
      ...[`oci:${layout}`, `docker://${vendor.host}/${repository}:${name}`],
    );
  }

  const copy = (digest: Digest): Promise<CopyReport> =>
    copyImage({
      source: { client: source, repository, digest },
      target: { client: target, repository, tags: [tag] },
      referrers: true,
    });

  async function expectSameBytes(reference: string): Promise<void> {
    const [there, here] = await Promise.all([vendor, customer].map((registry) => raw(registry, reference)));
    expect(here).toBe(there);
  }

  function raw({ host }: DockerRegistry, reference: string): Promise<string> {
    return skopeo('inspect', '--raw', '--tls-verify=false', `docker://${host}/${repository}${reference}`);
  }

  it.each<[string, () => Promise<BuiltImage>]>([
    ['an image', () => imageOf({ layers: [{ 'etc/app': 'one' }, { 'etc/more': 'two' }] })],
    [
      'an index',
      async () => indexOf([await imageOf({ layers: [{ a: '1' }] }), await imageOf({ layers: [{ b: '2' }] })]),
    ],
    ['an artifact', () => Promise.resolve(artifactOf({ 'network.bicep': "output x string = ''\n" }))],
  ])('brings %s over byte for byte', async (_, build) => {
    const image = await build();
    await push(image, tag);

    await copy(image.root.digest);

    await expectSameBytes(`:${tag}`);
    for (const { descriptor } of image.manifests) await expectSameBytes(`@${descriptor.digest}`);
  });

  it("brings cosign's signature and an OCI 1.1 referrer along, and lists it where the registry cannot", async () => {
    const image = await imageOf({ layers: [{ 'etc/signed': 'yes' }] });
    const { digest } = image.root;
    const sbom = artifactOf(
      { 'sbom.json': '{}' },
      { subject: image.root, artifactType: 'application/spdx+json' },
    );
    await push(image, tag);
    await push(artifactOf({ payload: 'signed' }), `${fallbackTag(digest)}.sig`);
    await push(sbom, 'sbom');
    await push(buildIndex([{ image: sbom }]), fallbackTag(digest));

    const report = await copy(digest);

    expect(report).toMatchObject({ referrers: 2, verified: { tags: 1 } });
    await expectSameBytes(`:${tag}`);
    await expectSameBytes(`:${fallbackTag(digest)}.sig`);
    await expectSameBytes(`@${sbom.root.digest}`);
    expect((await target.referrers(repository, digest)).map((referrer) => referrer.digest)).toEqual([
      sbom.root.digest,
    ]);
  });

  it('writes nothing when it is repeated', async () => {
    const image = await imageOf({ layers: [{ 'etc/again': 'yes' }] });
    await push(image, tag);
    await copy(image.root.digest);

    expect(await copy(image.root.digest)).toMatchObject({ manifests: 0, blobsCopied: 0, bytes: 0 });
  });

  // What a registry leaves behind that was killed between creating one of its files and writing it.
  it.each<[string, (image: BuiltImage) => string[]]>([
    ['a config', ({ blobs: [config] }) => ['_layers', ...folders(config!), 'link']],
    ['a layer', ({ blobs }) => ['_layers', ...folders(blobs.at(-1)!), 'link']],
    ['a manifest', ({ manifests: [root] }) => ['_manifests', 'revisions', ...folders(root!), 'link']],
    ['a tag', () => ['_manifests', 'tags', tag, 'current', 'link']],
  ])('mends a target that was killed in the middle of noting down %s', async (what, noteOf) => {
    const image = await imageOf({ layers: [{ 'etc/torn': what }] });
    await push(image, tag);
    const copied = RepositoryName.parse(`torn/${what.replace(' ', '-')}`);
    const note = join(customer.storage, 'repositories', copied, ...noteOf(image));
    await mkdir(dirname(note), { recursive: true });
    await writeFile(note, '');

    const report = await copyImage({
      source: { client: source, repository, digest: image.root.digest },
      target: { client: target, repository: copied, tags: [tag] },
    });

    expect(report).toMatchObject({ blobsCopied: 2, manifests: 1, verified: { tags: 1 } });
    expect(await readFile(note, 'utf8')).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

function folders({ descriptor }: { descriptor: Descriptor }): string[] {
  return descriptor.digest.split(':');
}
