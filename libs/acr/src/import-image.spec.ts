import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type Digest, RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import {
  type AcrEmulator,
  type ArmEmulator,
  EmulatedCredential,
  emulatedEntra,
  type FaultReply,
  type InterceptedRequest,
  startAcrEmulator,
  startArmEmulator,
} from '@pratique/emulators-acr';
import {
  basicTokens,
  buildArtifact,
  buildImage,
  buildIndex,
  type BuiltImage,
  fallbackTag,
  pushImage,
  RegistryClient,
} from '@pratique/oci';
import {
  AcrImporter,
  type AcrImporterOptions,
  type ImportRequest,
  type ImportSource,
} from './acr-importer.js';
import { entraTokens } from './entra-tokens.js';
import { importStatesInFolder } from './import-states.js';
import { importImage, type ImportReport } from './import-image.js';

const repository = RepositoryName.parse('team/app');
const mirrored = RepositoryName.parse('mirror/team/app');
const tag = Tag.parse('1');
const vendorPassword = { username: 'customer', password: 'pull-secret' };

describe('acr/import-image', () => {
  const entra = emulatedEntra();
  let app: BuiltImage;
  let vendor: AcrEmulator;
  let customer: AcrEmulator;
  let arm: ArmEmulator;
  let build: RegistryClient;
  let source: RegistryClient;
  let target: RegistryClient;
  let armRequests: InterceptedRequest[];
  let armFault: (request: InterceptedRequest) => FaultReply | undefined;

  beforeAll(async () => {
    app = await buildImage({ layers: [{ 'bin/app': 'one' }] });
  });

  beforeEach(async () => {
    armRequests = [];
    armFault = () => undefined;
    vendor = await startAcrEmulator({
      name: 'vendor',
      identities: [
        {
          name: 'build',
          credentials: { username: 'build', password: 'push-secret' },
          repositories: ['*'],
          actions: ['pull', 'push'],
        },
        { name: 'customer', credentials: vendorPassword, repositories: ['team/*'], actions: ['pull'] },
      ],
    });
    customer = await startAcrEmulator({
      name: 'customer',
      entra,
      identities: [
        {
          name: 'importer',
          credentials: { entraObjectId: 'importer' },
          repositories: ['*'],
          actions: ['pull'],
          arm: ['importImage'],
        },
        { name: 'reader', credentials: { entraObjectId: 'reader' }, repositories: ['*'], actions: ['pull'] },
      ],
    });
    arm = await startArmEmulator({
      registries: [vendor, customer],
      entra,
      subscriptionId: 'sub',
      resourceGroup: 'group',
      intercept: (request) => {
        armRequests.push(request);
        return Promise.resolve(armFault(request) ?? 'proceed');
      },
    });
    build = connect(vendor, basicTokens({ username: 'build', password: () => 'push-secret' }));
    source = connect(vendor, basicTokens({ username: 'customer', password: () => vendorPassword.password }));
    target = connect(
      customer,
      entraTokens({
        credential: credentialOf('importer'),
        host: RegistryHost.parse(customer.host),
        plainHttp: true,
      }),
    );
  });

  afterEach(async () => {
    await Promise.all([build, source, target].map((client) => client.close()));
    await Promise.all([vendor, customer, arm].map((emulator) => emulator.close()));
  });

  function connect(registry: AcrEmulator, tokens: ReturnType<typeof basicTokens>): RegistryClient {
    return new RegistryClient({ host: RegistryHost.parse(registry.host), plainHttp: true, tokens });
  }

  function credentialOf(objectId: string): EmulatedCredential {
    return new EmulatedCredential({ entra, objectId });
  }

  function importerOf(objectId: string, options: Partial<AcrImporterOptions> = {}): AcrImporter {
    return new AcrImporter({
      credential: credentialOf(objectId),
      resourceId: arm.resourceIdOf('customer'),
      armEndpoint: `http://127.0.0.1:${arm.port}`,
      retries: 0,
      ...options,
    });
  }

  interface Wish {
    importer?: AcrImporter;
    origin?: ImportSource;
    referrers?: boolean;
    signal?: AbortSignal;
  }

  function importing(digest: Digest, wish: Wish = {}): Promise<ImportReport> {
    const { importer = importerOf('importer'), referrers = true, signal } = wish;
    const origin = wish.origin ?? { registryUri: vendor.loginServer, credentials: vendorPassword };
    return importImage({
      importer,
      source: { client: source, repository, digest, import: origin },
      target: { client: target, repository: mirrored, tag },
      referrers,
      signal,
    });
  }

  const requestFor = (digest: Digest): ImportRequest => ({
    source: { registryUri: vendor.loginServer, credentials: vendorPassword },
    repository,
    digest,
    targets: [{ repository: mirrored, tag }],
  });

  function push(image: BuiltImage, tags: Tag[] = []): Promise<void> {
    return pushImage(build, image, { repository, tags });
  }

  function atTarget(reference: Tag | Digest): Promise<{ digest: Digest } | undefined> {
    return target.resolve(mirrored, reference);
  }

  const imports = (): number => armRequests.filter(({ method }) => method === 'POST').length;

  it('brings an image over by digest, through the real Azure client', async () => {
    await push(app, [tag]);

    const report = await importing(app.root.digest);

    expect(report).toEqual({ imports: 1, referrers: 0 });
    expect((await atTarget(tag))?.digest).toBe(app.root.digest);
  });

  it('does nothing the second time', async () => {
    await push(app, [tag]);
    await importing(app.root.digest);

    expect(await importing(app.root.digest)).toEqual({ imports: 0, referrers: 0 });
    expect(imports()).toBe(1);
  });

  it('moves a tag that named another image', async () => {
    const next = await buildImage({ layers: [{ 'bin/app': 'two' }] });
    await push(app);
    await push(next);
    await importing(app.root.digest);

    await importing(next.root.digest);

    expect((await atTarget(tag))?.digest).toBe(next.root.digest);
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
    for (const image of [index, signature, sbom, sbomSignature]) await push(image);

    const report = await importing(index.root.digest);

    expect(report).toEqual({ imports: 5, referrers: 3 });
    expect((await atTarget(tag))?.digest).toBe(index.root.digest);
    expect(await target.referrers(mirrored, index.root.digest)).toMatchObject([
      { digest: signature.root.digest },
    ]);
    expect(await target.referrers(mirrored, app.root.digest)).toMatchObject([{ digest: sbom.root.digest }]);
    expect(await target.referrers(mirrored, sbom.root.digest)).toMatchObject([
      { digest: sbomSignature.root.digest },
    ]);
  });

  it('leaves signatures behind when it is told to', async () => {
    const signature = buildArtifact({ files: {}, subject: app.root });
    await push(app);
    await push(signature);

    expect(await importing(app.root.digest, { referrers: false })).toEqual({ imports: 1, referrers: 0 });
    expect(await atTarget(signature.root.digest)).toBeUndefined();
  });

  it('fetches a signature that came after the image', async () => {
    const signature = buildArtifact({ files: {}, subject: app.root });
    await push(app);
    await importing(app.root.digest);
    await push(signature);

    expect(await importing(app.root.digest)).toEqual({ imports: 1, referrers: 1 });
  });

  describe('with the tags in which cosign keeps signatures', () => {
    const signatures = (...names: string[]): BuiltImage =>
      buildArtifact({ files: Object.fromEntries(names.map((name) => [name, name])) });
    let cosignTag: Tag;

    beforeAll(() => {
      cosignTag = Tag.parse(`${fallbackTag(app.root.digest)}.sig`);
    });

    it('brings them over under the same tag', async () => {
      await push(app);
      await push(signatures('vendor'), [cosignTag]);

      await importing(app.root.digest);

      expect((await atTarget(cosignTag))?.digest).toBe(signatures('vendor').root.digest);
    });

    it('keeps a signature that somebody made at the target', async () => {
      await push(app);
      await push(signatures('vendor', 'customer'), [cosignTag]);
      await importing(app.root.digest);
      await push(signatures('vendor'), [cosignTag]);

      expect(await importing(app.root.digest)).toEqual({ imports: 0, referrers: 0 });
      expect((await atTarget(cosignTag))?.digest).toBe(signatures('vendor', 'customer').root.digest);
    });
  });

  it('sets the tag last, so that nobody finds an image without its signatures', async () => {
    await push(app);
    await push(buildArtifact({ files: {}, subject: app.root }));
    armFault = ({ method }) => (method === 'POST' && imports() === 2 ? fault(500) : undefined);

    await expect(importing(app.root.digest)).rejects.toMatchObject({ code: 'unavailable' });

    expect(await atTarget(tag)).toBeUndefined();
    expect((await atTarget(app.root.digest))?.digest).toBe(app.root.digest);
  });

  it('reads a source in the same tenant as itself, by resource id', async () => {
    await push(app);

    // The importer is nobody at the vendor.
    await expect(
      importing(app.root.digest, { origin: { resourceId: arm.resourceIdOf('vendor') } }),
    ).rejects.toMatchObject({ name: 'AcrImportError', code: 'access-refused' });
  });

  it('says so when the identity may not import', async () => {
    await push(app);

    await expect(importing(app.root.digest, { importer: importerOf('reader') })).rejects.toMatchObject({
      code: 'access-refused',
      message: expect.stringContaining('Container Registry Data Importer and Data Reader') as string,
    });
  });

  it('says so when the source refuses the credentials, without repeating them', async () => {
    await push(app);
    const credentials = { username: 'customer', password: 'wrong-secret' };

    const failure: unknown = await importing(app.root.digest, {
      origin: { registryUri: vendor.loginServer, credentials },
      referrers: false,
    }).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'access-refused' });
    expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain('wrong-secret');
  });

  it('passes on how long Azure wants to be left alone', async () => {
    await push(app);
    armFault = () => ({ ...fault(429), headers: { 'retry-after': '7' } });

    await expect(importing(app.root.digest, { referrers: false })).rejects.toMatchObject({
      code: 'throttled',
      retryAfterMs: 7000,
    });
  });

  it('gives up on an import that does not end', async () => {
    await push(app);
    const importer = importerOf('importer', { deadlineMs: 50 });
    armFault = ({ method }) => (method === 'GET' ? running(arm) : undefined);

    await expect(importing(app.root.digest, { importer, referrers: false })).rejects.toMatchObject({
      code: 'timed-out',
      retryable: true,
    });
  });

  describe('that was begun before a restart', () => {
    let folder: string;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'pratique-imports-'));
    });

    afterEach(() => rm(folder, { recursive: true }));

    const successor = (options: Partial<AcrImporterOptions> = {}): AcrImporter =>
      importerOf('importer', { states: importStatesInFolder(folder), ...options });

    /** Begins an import and is stopped while it waits. */
    async function beginAndStop(): Promise<void> {
      await push(app, [tag]);
      const stop = new AbortController();
      armFault = ({ method }) => {
        if (method === 'GET') stop.abort(new Error('shutting down'));
        return method === 'GET' ? running(arm) : undefined;
      };
      const begun = importing(app.root.digest, {
        importer: successor(),
        signal: stop.signal,
        referrers: false,
      });
      await expect(begun).rejects.toThrow('shutting down');
      armFault = () => undefined;
    }

    it('is waited for, and not begun again', async () => {
      await beginAndStop();
      await arm.importsSettled();
      armRequests = [];

      await successor().import(requestFor(app.root.digest));

      expect(armRequests.map(({ method }) => method)).toEqual(['GET']);
      expect((await atTarget(tag))?.digest).toBe(app.root.digest);
      expect(await readdir(folder)).toEqual([]);
    });

    it('is noted without the password of the source', async () => {
      await beginAndStop();
      const [file = ''] = await readdir(folder);
      const noted = await readFile(join(folder, file), 'utf8');
      expect(noted).toContain('operationResults');
      expect(noted).not.toContain(vendorPassword.password);
    });

    it.each([
      ['Azure has forgotten it', undefined],
      ['what is noted is no operation', '{"state":'],
      [
        'what is noted is an operation of somebody else',
        JSON.stringify({ state: { config: { operationLocation: 'https://elsewhere.test/operation' } } }),
      ],
    ])('is begun again when %s', async (_, noted) => {
      await beginAndStop();
      const [file = ''] = await readdir(folder);
      if (noted !== undefined) await writeFile(join(folder, file), noted);
      else armFault = ({ method }) => (method === 'GET' && imports() === 1 ? fault(404) : undefined);

      await successor().import(requestFor(app.root.digest));

      expect(imports()).toBe(2);
    });

    it('is asked for again when only the answer was missing', async () => {
      await push(app, [tag]);
      armFault = ({ method }) => (method === 'GET' ? fault(503) : undefined);
      await expect(successor().import(requestFor(app.root.digest))).rejects.toMatchObject({
        code: 'unavailable',
      });
      armFault = () => undefined;

      await successor().import(requestFor(app.root.digest));

      expect(imports()).toBe(1);
    });
  });

  it('does not ask for what the registry could not import anyway', async () => {
    const index = buildIndex(
      Array.from({ length: 50 }, (_, at) => ({ image: buildArtifact({ files: { at: String(at) } }) })),
    );
    await push(index);
    await expect(importing(index.root.digest, { referrers: false })).rejects.toMatchObject({
      code: 'not-importable',
    });
    expect(imports()).toBe(0);
  });

  it('stops waiting when it is told to, with the reason it was given', async () => {
    await push(app);
    const abort = new AbortController();
    armFault = ({ method }) => {
      if (method === 'GET') abort.abort(new Error('shutting down'));
      return method === 'GET' ? running(arm) : undefined;
    };

    await expect(importing(app.root.digest, { signal: abort.signal, referrers: false })).rejects.toThrow(
      'shutting down',
    );
  });
});

function fault(status: number): FaultReply {
  return { status };
}

function running(arm: ArmEmulator): FaultReply {
  return { status: 202, headers: { location: `${arm.endpoint}/operation`, 'retry-after': '1' } };
}
