import { RegistryName, RepositoryName, Tag } from '@pratique/contracts';
import { buildArtifact, buildImage, buildIndex, type BuiltImage, pushImage } from '@pratique/oci';
import { DistributionSettings } from '@pratique/registries';
import type { RegistryConnections } from '@pratique/registry-access';
import { startTestRegistry, type TestRegistry } from '@pratique/testing';
import type { z } from 'zod';
import { compileRules } from './compiled-rule.js';
import { planTag } from './plan-tag.js';
import { SyncImage, type SyncResult } from './sync-image.js';
import { SyncRule } from './sync-rule.js';

const repository = RepositoryName.parse('team/app');
const tag = Tag.parse('1');

describe('sync/sync-image', () => {
  let vendor: TestRegistry;
  let customer: TestRegistry;
  const first = buildArtifact({ artifactType: 'test/one', files: { a: 'one' } });
  const second = buildArtifact({ artifactType: 'test/two', files: { a: 'two' } });

  beforeEach(async () => {
    [vendor, customer] = await Promise.all([startTestRegistry(), startTestRegistry()]);
  });

  afterEach(() => Promise.all([vendor.close(), customer.close()]));

  const push = (at: TestRegistry, image: BuiltImage, ...tags: string[]): Promise<void> =>
    pushImage(at.client, image, { repository, tags: tags.map((each) => Tag.parse(each)) });

  const shown = async (reference: string): Promise<string | undefined> =>
    (await customer.client.resolve(repository, reference as Tag))?.digest;

  async function sync(rule: Partial<z.input<typeof SyncRule>>): Promise<SyncResult> {
    const connections: RegistryConnections = new Map(
      Object.entries({ vendor, customer }).map(([name, { client, emulator }]) => [
        RegistryName.parse(name),
        {
          settings: DistributionSettings.parse({ name, kind: 'distribution', host: emulator.host }),
          client,
          reader: client,
        },
      ]),
    );
    const rules = compileRules([
      SyncRule.parse({
        ...{ name: 'r', from: 'vendor', to: 'customer', repositories: ['**'], when: 'pushed' },
        ...rule,
      }),
    ]);
    const planned = planTag(rules[0] as (typeof rules)[0], { repository, tag }, { rules, state: {} });
    if (!Array.isArray(planned) || planned[0] === undefined) throw new Error('nothing was planned');
    return await new SyncImage(connections).carryOut(planned[0], { signal: new AbortController().signal });
  }

  describe('where the target names another image', () => {
    beforeEach(async () => {
      await push(vendor, second, '1');
      await push(customer, first, '1');
    });

    it('moves the tag, and says what it named before', async () => {
      expect(await sync({})).toMatchObject({ did: 'copied', before: first.root.digest });
      expect(await shown('1')).toBe(second.root.digest);
    });

    it('leaves it where the rule overwrites nothing', async () => {
      expect(await sync({ overwrite: 'deny' })).toMatchObject({ why: 'overwrite-denied' });
      expect(await shown('1')).toBe(first.root.digest);
      expect(await shown(second.root.digest)).toBeUndefined();
    });

    it('keeps it under another tag before it is moved', async () => {
      const backup = `1.backup-${first.root.digest.slice(7, 19)}`;

      expect(await sync({ overwrite: 'backup' })).toMatchObject({ did: 'copied', backup });
      expect(await shown('1')).toBe(second.root.digest);
      expect(await shown(backup)).toBe(first.root.digest);
    });
  });

  describe('by the type of an artifact', () => {
    it.each([
      [['test/one'], 'copied'],
      [['test/two', 'image'], 'nothing'],
    ])('where the rule takes %j: %s', async (artifactTypes, did) => {
      await push(vendor, first, '1');

      expect((await sync({ artifactTypes })).did).toBe(did);
    });
  });

  describe('with some platforms of an index', () => {
    let amd: BuiltImage;
    let arm: BuiltImage;
    const platforms = { keep: ['linux/amd64'], changeDigest: true };

    beforeEach(async () => {
      amd = await buildImage({ layers: [{ a: 'amd' }] });
      arm = await buildImage({ layers: [{ a: 'arm' }] });
    });

    const index = (...architectures: [BuiltImage, string][]): BuiltImage =>
      buildIndex(
        architectures.map(([image, architecture]) => ({ image, platform: { os: 'linux', architecture } })),
      );

    it('makes an index of those, the same one each time', async () => {
      await push(vendor, index([amd, 'amd64'], [arm, 'arm64']), '1');

      const result = await sync({ platforms });
      const { document } = await customer.client.manifest(repository, tag);

      expect(document).toMatchObject({ manifests: [{ digest: amd.root.digest }] });
      expect(await shown(arm.root.digest)).toBeUndefined();
      expect(result).toMatchObject({ did: 'copied', at: await shown('1') });
      expect(await sync({ platforms })).toMatchObject({ did: 'nothing', why: 'already-present' });
    });

    it('copies an index whole that has no others', async () => {
      const whole = index([amd, 'amd64']);
      await push(vendor, whole, '1');

      expect(await sync({ platforms })).toMatchObject({ did: 'copied', at: whole.root.digest });
    });

    it('copies nothing of an index that has none of them', async () => {
      await push(vendor, index([arm, 'arm64']), '1');

      expect(await sync({ platforms })).toMatchObject({ why: 'other-platform' });
      expect(await shown('1')).toBeUndefined();
    });

    it('copies no single image whose config names no platform', async () => {
      await push(vendor, first, '1');

      expect(await sync({ platforms })).toMatchObject({ why: 'other-platform' });
    });
  });

  describe('where the source has the tag no more', () => {
    beforeEach(() => push(customer, first, '1', 'other'));

    it('takes it away at the target, and nothing else', async () => {
      expect(await sync({ delete: 'mirror' })).toMatchObject({ did: 'deleted', before: first.root.digest });
      expect([await shown('1'), await shown('other')]).toEqual([undefined, first.root.digest]);
    });

    it('keeps it where the rule keeps', async () => {
      expect(await sync({})).toMatchObject({ why: 'image-gone' });
      expect(await shown('1')).toBe(first.root.digest);
    });

    it('says so where the registry deletes no tags by themselves', async () => {
      customer.intercept(({ method }) =>
        Promise.resolve(
          method === 'DELETE' ? { status: 405, body: '{"errors":[{"code":"UNSUPPORTED"}]}' } : 'proceed',
        ),
      );

      await expect(sync({ delete: 'mirror' })).rejects.toMatchObject({ name: 'TagsNotDeletable' });
    });

    it('never takes a locked one', async () => {
      customer.intercept(({ method }) => Promise.resolve(method === 'DELETE' ? { status: 405 } : 'proceed'));

      await expect(sync({ delete: 'mirror' })).rejects.toMatchObject({ code: 'tag-locked' });
    });
  });

  it('never puts a tag that names the image already, since a registry would tell of it', async () => {
    await push(vendor, first, '1');
    await push(customer, first, '1');
    customer.heard();

    await sync({});

    expect(customer.heard().filter((line) => !/^(HEAD|GET) /.test(line))).toEqual([]);
  });
});
