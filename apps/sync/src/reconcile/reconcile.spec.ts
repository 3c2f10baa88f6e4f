import { type RegistryEvent, RegistryName, RepositoryName, Tag } from '@pratique/contracts';
import { buildArtifact, buildIndex, buildImage, pushImage } from '@pratique/oci';
import { AcrSettings, DistributionSettings } from '@pratique/registries';
import type { RegistryConnections } from '@pratique/registry-access';
import { startTestRegistry, type TestRegistry } from '@pratique/testing';
import type { z } from 'zod';
import { compileRules } from '../compiled-rule.js';
import { SyncRule } from '../sync-rule.js';
import { Reconcile, type RunOptions } from './reconcile.js';

const repository = RepositoryName.parse('team/app');
const image = buildArtifact({ files: { a: 'one' } });
const other = buildArtifact({ files: { a: 'two' } });
const plain = { name: 'mirror', from: 'vendor', to: 'customer', repositories: ['team/app'], when: 'pushed' };

interface Settings {
  kind?: 'acr' | 'distribution';
  maxEvents?: number;
  settleSeconds?: number;
}

describe('sync/reconcile/reconcile', () => {
  let vendor: TestRegistry;
  let customer: TestRegistry;
  let events: RegistryEvent[];

  beforeEach(async () => {
    [vendor, customer] = await Promise.all([startTestRegistry(), startTestRegistry()]);
    events = [];
  });

  afterEach(() => Promise.all([vendor.close(), customer.close()]));

  async function push(at: TestRegistry, what: typeof image, ...tags: string[]): Promise<void> {
    await pushImage(at.client, what, { repository, tags: tags.map((tag) => Tag.parse(tag)) });
  }

  /** As many tags as somebody would not push one by one. */
  async function tagMany(at: TestRegistry, count: number): Promise<void> {
    const now = new Date(0).toISOString();
    for (let n = 0; n < count; n++)
      await at.emulator.registry.repositories.putTag(repository, {
        ...{ name: `t${n}`, digest: image.root.digest, createdAt: now, updatedAt: now },
      });
  }

  function connections(kind: 'acr' | 'distribution'): RegistryConnections {
    const settings = kind === 'acr' ? AcrSettings : DistributionSettings;
    return new Map(
      Object.entries({ vendor, customer }).map(([name, { client, emulator }]) => [
        RegistryName.parse(name),
        { settings: settings.parse({ name, kind, host: emulator.host }), client, reader: client },
      ]),
    );
  }

  function reconcile(
    rules: Partial<z.input<typeof SyncRule>>[] = [{}],
    { kind = 'acr', maxEvents = 100, settleSeconds = 0 }: Settings = {},
  ): Reconcile {
    return new Reconcile({
      rules: compileRules(rules.map((rule) => SyncRule.parse({ ...plain, ...rule }))),
      connections: connections(kind),
      events: { publish: (some) => Promise.resolve(void events.push(...some)) },
      settings: { requestsPerSecond: 10_000, maxEvents, settleSeconds },
    });
  }

  const run = (more: Partial<RunOptions> = {}): RunOptions => ({
    ...{ run: 'one', signal: new AbortController().signal },
    ...more,
  });

  it('asks once for a thousand tags where listings give digests', async () => {
    for (const registry of [vendor, customer]) {
      await push(registry, image);
      await tagMany(registry, 1000);
      registry.heard();
    }

    const summary = await reconcile().run(run());

    expect(summary).toMatchObject({ tags: 1000, same: 1000, published: 0, requests: 2 });
    const requests = [...vendor.heard(), ...customer.heard()];
    expect(requests.length / 1000).toBeLessThanOrEqual(1 / 50);
  });

  it('asks once more for each tag where they do not', async () => {
    for (const registry of [vendor, customer]) {
      await push(registry, image);
      await tagMany(registry, 20);
    }

    const summary = await reconcile([{}], { kind: 'distribution' }).run(run());

    expect(summary).toMatchObject({ tags: 20, same: 20, requests: 2 + 2 * 20 });
  });

  it('publishes what should have been told, with its mark', async () => {
    await push(vendor, image, '1', '2');
    await push(vendor, other, '3');
    await push(customer, image, '1', '3');

    const summary = await reconcile().run(run());

    expect(summary).toMatchObject({ same: 1, missing: 1, different: 1, published: 2 });
    expect(events).toMatchObject([
      {
        type: 'io.pratique.image.pushed.v1',
        data: {
          ...{ registry: 'vendor', repository, tag: '2', digest: image.root.digest },
          reconciled: { rule: 'mirror', target: 'customer', found: 'missing' },
        },
      },
      { data: { tag: '3', digest: other.root.digest, reconciled: { found: 'different' } } },
    ]);
  });

  it('finds the same event as another worker in the same interval, and another one in the next', async () => {
    await push(vendor, image, '1');

    await reconcile().run(run());
    await reconcile().run(run());
    await reconcile().run(run({ run: 'two' }));

    const [one, same, later] = events.map(({ id }) => id);
    expect(same).toBe(one);
    expect(later).not.toBe(one);
  });

  it('says once for several targets that a tag is missing', async () => {
    await push(vendor, image, '1');

    const summary = await reconcile([{}, { name: 'second', as: 'copy/{repository}:{tag}' }]).run(run());

    expect(summary.missing).toBe(2);
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
  });

  it('does not tell of a difference that goes away while it settles', async () => {
    await push(vendor, image, '1', '2');
    let looks = 0;
    vendor.intercept(async ({ method, path }) => {
      // The second look at the first tag: by then its event has been followed.
      if (method === 'HEAD' && path.endsWith('/1') && looks++ === 0) await push(customer, image, '1');
      return 'proceed';
    });

    await reconcile([{}], { settleSeconds: 0.01 }).run(run());

    expect(events.map(({ data }) => data.tag)).toEqual(['2']);
  });

  it('publishes no more than one run may, and leaves the rest to the next', async () => {
    await push(vendor, image, '1', '2', '3');

    expect(await reconcile([{}], { maxEvents: 2 }).run(run())).toMatchObject({ published: 2, postponed: 1 });
  });

  it('tells once of an image that waits for a decision', async () => {
    await push(vendor, image, '1');
    const gated = reconcile([{ when: 'approved' }]);

    await gated.run(run());
    await gated.run(run({ run: 'two' }));
    await push(vendor, other, '1');
    await gated.run(run({ run: 'three' }));

    expect(events.map(({ data }) => data.digest)).toEqual([image.root.digest, other.root.digest]);
  });

  it('expects at the target what a rule makes of an index', async () => {
    const amd = await buildImage({ layers: [{ a: 'amd' }] });
    const arm = await buildImage({ layers: [{ a: 'arm' }] });
    const index = buildIndex([
      { image: amd, platform: { os: 'linux', architecture: 'amd64' } },
      { image: arm, platform: { os: 'linux', architecture: 'arm64' } },
    ]);
    await push(vendor, index, '1');
    await push(vendor, image, 'no-image');
    const platforms = { keep: ['linux/amd64'], changeDigest: true };

    const summary = await reconcile([{ platforms, artifactTypes: 'image' }]).run(run());

    expect(summary).toMatchObject({ missing: 1, notTaken: 1 });
  });

  describe('of a mirroring rule', () => {
    const mirror = { delete: 'mirror' as const };

    it('finds what is left over, but not backups and what the rule does not take', async () => {
      await push(vendor, image, '1');
      await push(customer, image, '1', 'old', 'old.backup-0123456789ab', 'dev-1');

      const summary = await reconcile([{ ...mirror, exclude: { tags: 'dev-*' } }]).run(run());

      expect(summary).toMatchObject({ same: 1, leftOver: 1, published: 1 });
      expect(events).toMatchObject([
        { type: 'io.pratique.image.deleted.v1', data: { tag: 'old', reconciled: { found: 'left-over' } } },
      ]);
    });

    it('waits for a word where the source shows no tag at all', async () => {
      await push(customer, image, '1', '2');
      const careful = reconcile([mirror]);

      const summary = await careful.run(run());
      expect([summary.held, events]).toEqual([[{ rule: 'mirror', registry: 'vendor', tags: 2 }], []]);

      await careful.run(run({ rule: 'mirror', orderedBy: 'ann' }));
      expect(events.map(({ data }) => data.reconciled?.orderedBy)).toEqual(['ann', 'ann']);
    });
  });

  describe('when a registry', () => {
    it('does not list its repositories, names what to do, and goes on with other rules', async () => {
      await push(vendor, image, '1');
      vendor.intercept(({ path }) =>
        Promise.resolve(path.includes('/_catalog') ? { status: 403 } : 'proceed'),
      );

      const summary = await reconcile([{ name: 'all', repositories: ['team/*'] }, {}]).run(run());

      expect(summary).toMatchObject({ published: 1, failures: [{ rule: 'all', code: 'access-refused' }] });
      expect(summary.failures[0]?.message).toContain(
        'write the repositories of the rule all without wildcards',
      );
    });

    it('asks to be left alone, begins the next time where it had to stop', async () => {
      const names = ['a', 'b', 'c'].map((name) => RepositoryName.parse(name));
      for (const name of names)
        await pushImage(vendor.client, image, { repository: name, tags: [Tag.parse('1')] });
      const bounded = reconcile([{ repositories: names }]);
      vendor.intercept(({ path }) =>
        Promise.resolve(path.includes('/b/') ? { status: 429, headers: { 'retry-after': '7' } } : 'proceed'),
      );
      const summary = await bounded.run(run());
      expect(summary).toMatchObject({
        retryAfterMs: 7000,
        failures: [{ repository: 'b', code: 'throttled' }],
      });
      vendor.intercept(() => Promise.resolve('proceed'));
      vendor.heard();

      await bounded.run(run());

      expect(vendor.heard().map((line) => line.split('/')[3])).toEqual(['b', 'c', 'a']);
    });
  });
});
