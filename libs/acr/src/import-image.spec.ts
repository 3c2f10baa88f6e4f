import { inspect } from 'node:util';
import { Tag } from '@pratique/contracts';
import { buildArtifact, buildImage, buildIndex, type BuiltImage, fallbackTag } from '@pratique/oci';
import { fault, type ImportWorld, mirrored, running, startImportWorld, tag } from '../test/import-world.js';

describe('acr/import-image', () => {
  let app: BuiltImage;
  let world: ImportWorld;

  beforeAll(async () => {
    app = await buildImage({ layers: [{ 'bin/app': 'one' }] });
  });

  beforeEach(async () => {
    world = await startImportWorld();
  });

  afterEach(() => world.close());

  it('brings an image over by digest, through the real Azure client', async () => {
    await world.push(app, [tag]);

    const report = await world.importing(app.root.digest);

    expect(report).toEqual({ imports: 1, referrers: 0 });
    expect((await world.atTarget(tag))?.digest).toBe(app.root.digest);
  });

  it('does nothing the second time', async () => {
    await world.push(app, [tag]);
    await world.importing(app.root.digest);

    expect(await world.importing(app.root.digest)).toEqual({ imports: 0, referrers: 0 });
    expect(world.imports()).toBe(1);
  });

  it('moves a tag that named another image', async () => {
    const next = await buildImage({ layers: [{ 'bin/app': 'two' }] });
    await world.push(app);
    await world.push(next);
    await world.importing(app.root.digest);

    await world.importing(next.root.digest);

    expect((await world.atTarget(tag))?.digest).toBe(next.root.digest);
  });

  it('brings signatures of an index, of its children, and of signatures along', async () => {
    const index = buildIndex([{ image: app }]);
    const signature = buildArtifact({ artifactType: 'test/signature', files: {}, subject: index.root });
    const sbom = buildArtifact({ artifactType: 'test/sbom', files: { sbom: 'parts' }, subject: app.root });
    const sbomSignature = buildArtifact({
      artifactType: 'test/signature',
      files: { s: 's' },
      subject: sbom.root,
    });
    for (const image of [index, signature, sbom, sbomSignature]) await world.push(image);

    const report = await world.importing(index.root.digest);

    expect(report).toEqual({ imports: 5, referrers: 3 });
    expect((await world.atTarget(tag))?.digest).toBe(index.root.digest);
    expect(await world.target.referrers(mirrored, index.root.digest)).toMatchObject([
      { digest: signature.root.digest },
    ]);
    expect(await world.target.referrers(mirrored, app.root.digest)).toMatchObject([
      { digest: sbom.root.digest },
    ]);
    expect(await world.target.referrers(mirrored, sbom.root.digest)).toMatchObject([
      { digest: sbomSignature.root.digest },
    ]);
  });

  it('leaves signatures behind when it is told to', async () => {
    const signature = buildArtifact({ files: {}, subject: app.root });
    await world.push(app);
    await world.push(signature);

    expect(await world.importing(app.root.digest, { referrers: false })).toEqual({
      imports: 1,
      referrers: 0,
    });
    expect(await world.atTarget(signature.root.digest)).toBeUndefined();
  });

  it('fetches a signature that came after the image', async () => {
    const signature = buildArtifact({ files: {}, subject: app.root });
    await world.push(app);
    await world.importing(app.root.digest);
    await world.push(signature);

    expect(await world.importing(app.root.digest)).toEqual({ imports: 1, referrers: 1 });
  });

  describe('with the tags in which cosign keeps signatures', () => {
    const signatures = (...names: string[]): BuiltImage =>
      buildArtifact({ files: Object.fromEntries(names.map((name) => [name, name])) });
    let cosignTag: Tag;

    beforeAll(() => {
      cosignTag = Tag.parse(`${fallbackTag(app.root.digest)}.sig`);
    });

    it('brings them over under the same tag', async () => {
      await world.push(app);
      await world.push(signatures('vendor'), [cosignTag]);

      await world.importing(app.root.digest);

      expect((await world.atTarget(cosignTag))?.digest).toBe(signatures('vendor').root.digest);
    });

    it('keeps a signature that somebody made at the target', async () => {
      await world.push(app);
      await world.push(signatures('vendor', 'customer'), [cosignTag]);
      await world.importing(app.root.digest);
      await world.push(signatures('vendor'), [cosignTag]);

      expect(await world.importing(app.root.digest)).toEqual({ imports: 0, referrers: 0 });
      expect((await world.atTarget(cosignTag))?.digest).toBe(signatures('vendor', 'customer').root.digest);
    });
  });

  it('sets the tag last, so that nobody finds an image without its signatures', async () => {
    await world.push(app);
    await world.push(buildArtifact({ files: {}, subject: app.root }));
    world.armFault = ({ method }) => (method === 'POST' && world.imports() === 2 ? fault(500) : undefined);

    await expect(world.importing(app.root.digest)).rejects.toMatchObject({ code: 'unavailable' });

    expect(await world.atTarget(tag)).toBeUndefined();
    expect((await world.atTarget(app.root.digest))?.digest).toBe(app.root.digest);
  });

  it('reads a source in the same tenant as itself, by resource id', async () => {
    await world.push(app);

    // The importer is nobody at the vendor.
    await expect(
      world.importing(app.root.digest, { origin: { resourceId: world.arm.resourceIdOf('vendor') } }),
    ).rejects.toMatchObject({ name: 'AcrImportError', code: 'access-refused' });
  });

  it('says so when the identity may not import', async () => {
    await world.push(app);

    await expect(
      world.importing(app.root.digest, { importer: world.importerOf('reader') }),
    ).rejects.toMatchObject({
      code: 'access-refused',
      message: expect.stringContaining('Container Registry Data Importer and Data Reader') as string,
    });
  });

  it('says so when the source refuses the credentials, without repeating them', async () => {
    await world.push(app);
    const credentials = { username: 'customer', password: 'wrong-secret' };

    const failure: unknown = await world
      .importing(app.root.digest, {
        origin: { registryUri: world.vendor.loginServer, credentials },
        referrers: false,
      })
      .catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'access-refused' });
    expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain('wrong-secret');
  });

  it('passes on how long Azure wants to be left alone', async () => {
    await world.push(app);
    world.armFault = () => ({ ...fault(429), headers: { 'retry-after': '7' } });

    await expect(world.importing(app.root.digest, { referrers: false })).rejects.toMatchObject({
      code: 'throttled',
      retryAfterMs: 7000,
    });
  });

  it('gives up on an import that does not end', async () => {
    await world.push(app);
    const importer = world.importerOf('importer', { deadlineMs: 50 });
    world.armFault = ({ method }) => (method === 'GET' ? running(world.arm) : undefined);

    await expect(world.importing(app.root.digest, { importer, referrers: false })).rejects.toMatchObject({
      code: 'timed-out',
      retryable: true,
    });
  });

  it('does not ask for what the registry could not import anyway', async () => {
    const index = buildIndex(
      Array.from({ length: 50 }, (_, at) => ({ image: buildArtifact({ files: { at: String(at) } }) })),
    );
    await world.push(index);
    await expect(world.importing(index.root.digest, { referrers: false })).rejects.toMatchObject({
      code: 'not-importable',
    });
    expect(world.imports()).toBe(0);
  });

  it('stops waiting when it is told to, with the reason it was given', async () => {
    await world.push(app);
    const abort = new AbortController();
    world.armFault = ({ method }) => {
      if (method === 'GET') abort.abort(new Error('shutting down'));
      return method === 'GET' ? running(world.arm) : undefined;
    };

    await expect(
      world.importing(app.root.digest, { signal: abort.signal, referrers: false }),
    ).rejects.toThrow('shutting down');
  });
});
