import { generateKeyPairSync } from 'node:crypto';
import { findStatements, pemSigner } from '@pratique/attestation';
import { type Digest, RepositoryName } from '@pratique/contracts';
import { buildArtifact, type BuiltImage, pushImage } from '@pratique/oci';
import { artifactOf, imageOf, startTestRegistry, type TestRegistry } from '@pratique/testing';
import { defaultLimits } from '../scan-limits.settings.js';
import { attachSbom } from './attach-sbom.js';
import { cycloneDxType, type Sbom } from './build-sbom.js';

const repository = RepositoryName.parse('team/app');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer = pemSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const identity = { signer, ownKeys: () => Promise.resolve([publicKey]) };

describe('scan/sbom/attach-sbom', () => {
  let registry: TestRegistry;
  let image: BuiltImage;

  beforeEach(async () => {
    registry = await startTestRegistry();
    image = await imageOf({
      layers: [
        { 'lib/apk/db/installed': 'P:musl\nV:1.2.5-r9\n', 'etc/os-release': 'ID=alpine\nVERSION_ID=3.22\n' },
      ],
    });
    await pushImage(registry.client, image, { repository });
  });

  afterEach(() => registry.close());

  function attach(of = image): Promise<Digest | undefined> {
    return attachSbom({
      ...{ client: registry.client, repository, name: 'test/team/app', image: of.root, identity },
      ...{ limits: defaultLimits, signal: new AbortController().signal },
    });
  }

  it('attaches a signed list of the packages of an image that has none', async () => {
    const digest = await attach();

    const { signed } = await findStatements(registry.client, {
      ...{ repository, subject: image.root.digest, predicateType: cycloneDxType, keys: [publicKey] },
    });
    expect(signed.map((found) => found.digest)).toEqual([digest]);
    expect((signed[0]?.statement.predicate as Sbom).components).toMatchObject([
      { purl: 'pkg:apk/alpine/musl@1.2.5-r9?distro=alpine-3.22' },
    ]);
  });

  it('attaches none where there is one, ours or that of somebody else', async () => {
    const theirs = buildArtifact({
      ...{ artifactType: 'application/spdx+json', files: { 'sbom.json': '{}' }, subject: image.root },
    });
    await pushImage(registry.client, theirs, { repository });
    expect(await attach()).toBeUndefined();

    const other = await imageOf({ layers: [{ a: 'a' }] });
    await pushImage(registry.client, other, { repository });
    expect(await attach(other)).toBeDefined();
    expect(await attach(other)).toBeUndefined();
  });

  it('attaches none to what nobody runs', async () => {
    const artifact = artifactOf({ 'a.bicep': 'x' });
    await pushImage(registry.client, artifact, { repository });

    expect(await attach(artifact)).toBeUndefined();
  });
});
