import { type Digest, digestOf, RegistryName, RepositoryName } from '@pratique/contracts';
import { type BuiltImage, buildIndex, mediaType } from '@pratique/oci';
import {
  artifactOf,
  imageOf,
  indexOf,
  pushImage,
  startTestRegistry,
  type TestRegistry,
} from '@pratique/testing';
import {
  archive,
  artifact,
  bicepImage,
  blob,
  configFor,
  image,
  imageRunAs,
  indexWithBlob,
  layerType,
  provenance,
  titled,
} from '../test/odd-images.js';
import { CheckSettings } from './checks/checks.js';
import { examineImage, type ImageToExamine } from './examine-image.js';
import { pathMatcher } from './path-matcher.js';
import { ScanLimits } from './scan-limits.settings.js';
import { judgeManifests, type Verdict } from './verdict.js';

const repository = RepositoryName.parse('team/app');

describe('scan/examine-image', () => {
  let registry: TestRegistry;

  beforeEach(async () => {
    registry = await startTestRegistry();
  });

  afterEach(async () => {
    await registry.close();
  });

  async function verdictOn(
    image: BuiltImage,
    options: Partial<ImageToExamine> = {},
  ): Promise<Verdict | undefined> {
    const { client } = registry;
    await pushImage(client, image, { repository });
    return await verdictOnDigest(image.root.digest, options);
  }

  async function verdictOnDigest(
    digest: Digest,
    options: Partial<ImageToExamine> = {},
  ): Promise<Verdict | undefined> {
    const { signal } = new AbortController();
    const policies = options.policies ?? [policy({ content: { allow: ['**/*.bicep', 'statement.json'] } })];
    const examined = await examineImage({
      client: registry.client,
      repository,
      digest,
      signal,
      ...options,
      policies,
    });
    return judgeManifests(policies, examined).get(digest);
  }

  it.each<[string, () => BuiltImage | Promise<BuiltImage>]>([
    ['a titled file', () => artifactOf({ 'foo.bicep': 'param a string\n' })],
    ['an image', () => imageOf({ layers: [{ 'a.bicep': 'a' }, {}, { 'b/c.bicep': 'c' }] })],
    ['an index of both', async () => indexOf([artifactOf({ 'foo.bicep': 'x' }), await bicepImage()])],
    ['an index of an index', async () => indexOf([indexOf([await bicepImage()])])],
    ['an image with its provenance', async () => indexOf([await bicepImage(), provenance()])],
    [
      'a folder that ORAS packed',
      () => artifact([titled(archive('a.bicep'), 'folder', { 'io.deis.oras.content.unpack': 'true' })]),
    ],
    [
      'a chart-like archive without a title',
      () => artifact([archive('a.bicep', 'application/vnd.example.tar+gzip')]),
    ],
  ])('passes %s', async (_what, build) => {
    expect(await verdictOn(await build())).toEqual({ status: 'passed' });
  });

  it.each<[string, () => BuiltImage | Promise<BuiltImage>]>([
    ['a file among others in a layer', () => imageOf({ layers: [{ 'a.bicep': 'a' }, { 'bin/sh': 'x' }] })],
    [
      'an archive titled as a file, in an image that is unpacked',
      () => image([titled(archive('a.bicep'), 'foo.bicep')]),
    ],
    [
      'an unpacked folder with a file that is not allowed',
      () => artifact([titled(archive('run.sh'), 'foo.bicep', { 'io.deis.oras.content.unpack': 'true' })]),
    ],
    [
      'a config that is saved as a file',
      () => artifact([titled(blob('x'), 'foo.bicep')], titled(blob('{}', 'a/b'), 'run.sh')),
    ],
    [
      'what hides behind a config of another type',
      () => image([titled(archive('run.sh'), 'foo.bicep')], 'application/vnd.other+json'),
    ],
    ['one child of an index', async () => indexOf([await bicepImage(), artifactOf({ 'run.sh': 'x' })])],
  ])('fails %s', async (_what, build) => {
    expect(await verdictOn(await build())).toEqual({ status: 'failed' });
  });

  it.each<
    [string, Extract<Verdict, { status: 'unscannable' }>['reason'], () => BuiltImage | Promise<BuiltImage>]
  >([
    ['an index of nothing', 'nothing-to-check', () => buildIndex([])],
    ['an artifact without layers', 'nothing-to-check', () => artifact([])],
    ['an artifact with the empty descriptor only', 'nothing-to-check', () => artifactOf({})],
    ['an image of empty layers', 'nothing-to-check', () => imageOf({ layers: [{}, {}] })],
    [
      'an index of which one child is empty',
      'nothing-to-check',
      async () => indexOf([await bicepImage(), artifactOf({})]),
    ],
    ['a blob without a title', 'not-readable', () => artifact([blob('x', 'application/octet-stream')])],
    ['an encrypted layer', 'not-readable', () => artifact([blob('x', `${layerType}+encrypted`)])],
    ['a layer that is no archive', 'not-readable', () => artifact([blob('x', layerType)])],
    ['a title that climbs', 'not-readable', () => artifact([titled(blob('x'), '../foo.bicep')])],
    ['a title that names nothing', 'not-readable', () => artifact([titled(blob('x'), '/')])],
    [
      'a config that is not JSON',
      'not-readable',
      () => artifact([titled(blob('x'), 'foo.bicep')], blob('MZ')),
    ],
    ['a config that is a list', 'not-readable', () => artifact([titled(blob('x'), 'foo.bicep')], blob('[]'))],
    [
      'an image whose config names no layers',
      'not-readable',
      () => artifact([archive('a.bicep')], blob('{}', mediaType.ociConfig)),
    ],
    [
      'an image whose config names too few layers',
      'not-readable',
      () => artifact([archive('a.bicep'), archive('b.bicep')], configFor([archive('a.bicep')])),
    ],
    [
      'an image whose config names other layers',
      'digest-mismatch',
      () => artifact([archive('a.bicep')], configFor([archive('b.bicep')])),
    ],
    [
      'an image whose config names a user in two ways',
      'not-readable',
      () => image([archive('a.bicep')], undefined, { config: { User: '1000', user: '0' } }),
    ],
    [
      'an image whose config has ports that are none',
      'not-readable',
      () => image([archive('a.bicep')], undefined, { config: { ExposedPorts: 80 } }),
    ],
    [
      'a config that is too large',
      'limit-exceeded',
      () => artifact([titled(blob('x'), 'foo.bicep')], blob(JSON.stringify('x'.repeat(9 * 1024 * 1024)))),
    ],
    ['an index that names a blob', 'not-readable', async () => indexWithBlob(await bicepImage())],
  ])('cannot scan %s', async (_what, reason, build) => {
    expect(await verdictOn(await build())).toMatchObject({ status: 'unscannable', reason });
  });

  it('cannot scan what names a blob that is not there, and says which', async () => {
    const image = artifactOf({ 'foo.bicep': 'x' });
    await pushImage(registry.client, image, { repository });
    const layer = image.blobs[1]?.descriptor.digest ?? '';
    registry.intercept(({ path }) => Promise.resolve(path.endsWith(layer) ? { status: 404 } : 'proceed'));

    expect(await verdictOnDigest(image.root.digest)).toMatchObject({
      status: 'unscannable',
      reason: 'not-readable',
      message: expect.stringContaining(`Layer 1 (${layer})`) as string,
    });
  });

  it('believes nothing that a check says of bytes which are not the image’s', async () => {
    const image = artifactOf({ 'run.sh': 'x' });
    await pushImage(registry.client, image, { repository });
    const layer = image.blobs[1]?.descriptor.digest ?? '';
    registry.intercept(({ path }) =>
      Promise.resolve(path.endsWith(layer) ? { status: 200, body: 'y' } : 'proceed'),
    );

    expect(await verdictOnDigest(image.root.digest)).toMatchObject({
      status: 'unscannable',
      reason: 'digest-mismatch',
    });
  });

  it('gives up on an image that takes too long', async () => {
    registry.intercept(() => new Promise(() => undefined));

    expect(
      await verdictOnDigest(digestOf('slow'), { limits: ScanLimits.parse({ image: { timeMs: 20 } }) }),
    ).toMatchObject({
      status: 'unscannable',
      reason: 'limit-exceeded',
    });
  });

  it('says nothing of an image when it is told to stop', async () => {
    const stop = new AbortController();
    registry.intercept(() => {
      stop.abort(new Error('the service stops'));
      return Promise.resolve('proceed');
    });

    await expect(verdictOnDigest(digestOf('any'), { signal: stop.signal })).rejects.toThrow(
      'the service stops',
    );
  });

  it('asks every policy', async () => {
    const image = artifactOf({ 'foo.bicep': 'x' });
    const bicep = policy({ content: { allow: ['*.bicep'] } }, 'bicep');
    const shell = policy({ content: { allow: ['*.sh'] } }, 'shell');

    expect(await verdictOn(image, { policies: [bicep] })).toEqual({ status: 'passed' });
    expect(await verdictOn(image, { policies: [bicep, shell] })).toEqual({ status: 'failed' });
    expect(await verdictOn(image, { policies: [] })).toMatchObject({ reason: 'nothing-to-check' });
  });

  it('reads what several manifests share only once', async () => {
    const shared = archive('a.bicep');
    const image = indexOf([imageRunAs('1', shared), imageRunAs('2', shared)]);
    await pushImage(registry.client, image, { repository });
    registry.heard();

    expect(await verdictOnDigest(image.root.digest)).toEqual({ status: 'passed' });
    expect(registry.heard().filter((line) => line.endsWith(shared.descriptor.digest))).toHaveLength(1);
  });

  it('adds up what its parts say: one that is good does not make up for one that is bad', async () => {
    const bad = image([archive('a.bicep'), archive('run.sh'), archive('b.bicep')]);

    expect(await verdictOn(bad)).toEqual({ status: 'failed' });
  });
});

function policy(check: object, name = 'policy'): ImageToExamine['policies'][number] {
  const checks = [CheckSettings.parse(check)];
  const registry = RegistryName.parse('test');
  return { name, registry, applies: pathMatcher(['**']), checks, mode: 'enforce', exceptions: [] };
}
