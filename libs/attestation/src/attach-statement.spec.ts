import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { RepositoryName, Tag } from '@pratique/contracts';
import { buildArtifact, type BuiltImage, pushImage } from '@pratique/oci';
import { startTestRegistry, type TestRegistry } from '@pratique/testing';
import { attachStatement, statementArtifact, type StatementToAttach } from './attach-statement.js';
import { findStatements, type FoundStatements } from './find-statements.js';
import { isOwnArtifact } from './own-artifact.js';
import { bundleType, signStatement } from './sigstore-bundle.js';
import { buildStatement } from './statement.js';
import { pemSigner, readPublicKey } from './statement-signer.js';

const repository = RepositoryName.parse('team/app');
const predicateType = 'https://example.org/claim/v1';
const ours = newKey();
const theirs = newKey();
const keys: KeyObject[] = [readPublicKey(ours.publicKey)];
const image = buildArtifact({ files: { 'a.txt': 'a' } });
const other = buildArtifact({ files: { 'b.txt': 'b' } });

describe('attestation/attach-statement', () => {
  let registry: TestRegistry;

  beforeEach(async () => {
    registry = await startTestRegistry();
    for (const pushed of [image, other])
      await pushImage(registry.client, pushed, { repository, tags: [Tag.parse('1')] });
  });

  afterEach(() => registry.close());

  async function statementOf(
    about: BuiltImage,
    { signedBy = ours.privateKey, claim = 'good' } = {},
  ): Promise<StatementToAttach> {
    const statement = buildStatement({
      name: 'test/team/app',
      digests: [about.root.digest],
      predicateType,
      predicate: { claim },
    });
    const bundle = await signStatement(statement, pemSigner(signedBy));
    return { repository, subject: about.root, bundle, predicateType };
  }

  function find(subject = image.root.digest): Promise<FoundStatements> {
    return findStatements(registry.client, { repository, subject, predicateType, keys });
  }

  it('attaches a statement that is found again', async () => {
    const digest = await attachStatement(registry.client, await statementOf(image));

    expect(await find()).toMatchObject({
      signed: [{ digest, statement: { predicate: { claim: 'good' } } }],
      ignored: [],
    });
    expect(await find(other.root.digest)).toEqual({ signed: [], ignored: [] });
  });

  it('lists it under the fallback tag where the registry has no referrers', async () => {
    registry.intercept(({ path }) =>
      Promise.resolve(path.includes('/referrers/') ? { status: 404 } : 'proceed'),
    );
    const answered = registry.client.putManifest.bind(registry.client);
    jest
      .spyOn(registry.client, 'putManifest')
      .mockImplementation(async (...put) => ({ ...(await answered(...put)), subjectProcessed: false }));

    const digest = await attachStatement(registry.client, await statementOf(image));

    expect((await find()).signed.map((found) => found.digest)).toEqual([digest]);
  });

  it('attaches the same statement once, however often it is asked to', async () => {
    const statement = await statementOf(image);

    await attachStatement(registry.client, statement);
    await attachStatement(registry.client, statement);

    expect((await find()).signed).toHaveLength(1);
  });

  it('believes nothing that nobody trusted has signed, and says so', async () => {
    await attachStatement(registry.client, await statementOf(image, { signedBy: theirs.privateKey }));
    const junk = { ...(await statementOf(image)), bundle: Buffer.from('junk') };
    await attachStatement(registry.client, junk);

    const { signed, ignored } = await find();

    expect(signed).toEqual([]);
    expect(ignored.map(({ why }) => why).toSorted()).toEqual([
      'It is no Sigstore bundle with a signed statement.',
      'Nobody who is trusted has signed it.',
    ]);
  });

  it('believes no statement that was taken from another image', async () => {
    const moved = { ...(await statementOf(other)), subject: image.root };
    await attachStatement(registry.client, moved);

    expect(await find()).toMatchObject({
      signed: [],
      ignored: [{ why: 'It is signed, but about another image.' }],
    });
  });

  describe('knows what we have attached', () => {
    async function isOwn(artifact: BuiltImage): Promise<boolean> {
      await pushImage(registry.client, artifact, { repository });
      const manifest = await registry.client.manifest(repository, artifact.root.digest);
      return isOwnArtifact(registry.client, { repository, manifest, keys });
    }

    it('by our signature', async () => {
      expect(await isOwn(statementArtifact(await statementOf(image)))).toBe(true);
    });

    it('and nothing else: not by its type, not from others, not of another image', async () => {
      const { bundle } = await statementOf(image);
      const asBundle = { artifactType: bundleType, fileMediaType: bundleType, subject: image.root };

      for (const artifact of [
        image,
        statementArtifact(await statementOf(image, { signedBy: theirs.privateKey })),
        statementArtifact({ ...(await statementOf(other)), subject: image.root }),
        buildArtifact({ ...asBundle, files: { 'x.json': 'x' } }),
        // A statement of ours with something beside it.
        buildArtifact({ ...asBundle, files: { 'statement.sigstore.json': bundle, 'evil.sh': 'rm -r /' } }),
        buildArtifact({ ...asBundle, files: { 'statement.sigstore.json': bundle } }),
        buildArtifact({ ...asBundle, files: {} }),
      ]) {
        expect(await isOwn(artifact)).toBe(false);
      }
    });
  });

  it('tells a registry in trouble from a statement that is not there', async () => {
    await attachStatement(registry.client, await statementOf(image));
    registry.intercept(({ path }) => Promise.resolve(path.includes('/blobs/') ? { status: 503 } : 'proceed'));

    await expect(find()).rejects.toMatchObject({ name: 'OciError', code: 'registry-unavailable' });
  });
});

function newKey(): { privateKey: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
