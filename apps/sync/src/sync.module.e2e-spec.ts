import { buildArtifact, buildImage, buildIndex, type BuiltImage } from '@pratique/oci';
import { startSyncWorld, type SyncWorld } from '../test/sync-world.js';
import { nothing, pushed, toArchive, toCustomer, web } from '../test/vendor-images.js';

describe('sync/sync.module', () => {
  let app: BuiltImage;
  let world: SyncWorld;

  beforeAll(async () => {
    app = await buildImage({ layers: [{ 'bin/app': 'one' }, { 'etc/app': 'settings' }] });
  });

  beforeEach(async () => {
    world = await startSyncWorld();
  });

  afterEach(() => world.close());

  it('has the customer’s registry import what the vendor pushed, and tells it', async () => {
    await world.push(app, web, '1.2');
    await world.startSync([toCustomer]);
    const event = pushed(app);

    await world.publish(event);
    const [outcome] = await world.outcomes.until(1);

    expect(await world.resolve('customer', web, '1.2')).toBe(app.root.digest);
    expect(outcome).toMatchObject({
      type: 'io.pratique.sync.copied.v1',
      source: 'pratique/sync',
      causationid: event.id,
      correlationid: event.correlationid,
      data: {
        reason: 'imported',
        severity: 'info',
        rule: 'vendor-images',
        image: { registry: 'vendor', repository: web, tag: '1.2', digest: app.root.digest },
        target: { registry: 'customer', repository: web, tag: '1.2', digest: app.root.digest },
        durationMs: expect.any(Number) as number,
        details: { method: 'import', rounds: 1, referrers: 0 },
        message: `Copied vendor ${web}:1.2 (${app.root.digest}) to customer ${web}:1.2, by import.`,
      },
    });
    await world.stopSync();
    expect(world.left('sync')).toEqual(nothing);
  });

  it('streams between registries that cannot import, with the signatures, and under the name that the rule makes', async () => {
    const index = buildIndex([{ image: app }]);
    const signature = buildArtifact({
      artifactType: 'test/signature',
      files: { s: 's' },
      subject: index.root,
    });
    await world.push(index, web, '1.2');
    await world.push(signature, web);
    await world.startSync([{ ...toArchive, as: 'vendor/{repository}:{tag}-v' }]);

    await world.publish(pushed(index));
    const [outcome] = await world.outcomes.until(1);

    expect(outcome?.data).toMatchObject({
      reason: 'copied',
      target: { registry: 'archive', repository: `vendor/${web}`, tag: '1.2-v' },
      details: { method: 'copy', rounds: 1, referrers: 1, blobsMounted: 0 },
    });
    expect(await world.resolve('archive', `vendor/${web}`, '1.2-v')).toBe(index.root.digest);
    expect(await world.resolve('archive', `vendor/${web}`, signature.root.digest)).toBe(
      signature.root.digest,
    );
  });

  it('copies nothing from a repository that the rule leaves out, and says so', async () => {
    await world.push(app, 'internal/tools', '1.2');
    await world.startSync([toCustomer]);

    await world.publish(pushed(app, { repository: 'internal/tools' }));
    const [outcome] = await world.outcomes.until(1);

    expect(outcome).toMatchObject({
      type: 'io.pratique.sync.skipped.v1',
      data: {
        reason: 'no-rule-matches',
        image: { registry: 'vendor', repository: 'internal/tools', tag: '1.2' },
        message: expect.stringMatching(
          /^vendor internal\/tools:1\.2@sha256:\w+ was not copied: vendor-images takes the repositories tripinsights\/\*\.$/,
        ) as string,
      },
    });
    expect(world.heard.filter((line) => !line.startsWith('vendor'))).toEqual([]);
    expect(await world.resolve('customer', 'internal/tools', '1.2')).toBeUndefined();
  });

  it('brings a signature over that was made after the image', async () => {
    await world.push(app, web, '1.2');
    await world.startSync([toCustomer]);
    await world.publish(pushed(app));
    await world.outcomes.until(1);
    const signature = buildArtifact({ artifactType: 'test/signature', files: { s: 's' }, subject: app.root });
    await world.push(signature, web);

    await world.publish(pushed(app, { occurredAt: '2026-01-02T00:00:09Z' }));
    const [, second] = await world.outcomes.until(2);

    expect(second?.data).toMatchObject({ reason: 'imported', details: { referrers: 1 } });
    expect(await world.resolve('customer', web, signature.root.digest)).toBe(signature.root.digest);
  });

  it('does not act on an event of a registry that it does not know, and contacts nobody for it', async () => {
    await world.startSync([toCustomer]);

    await world.publish(pushed(app, { registry: 'evil' }), pushed(app, { repository: 'internal/tools' }));
    const outcomes = await world.outcomes.until(1);
    await world.stopSync();

    expect(outcomes.map(({ data }) => data.image?.registry)).toEqual(['vendor']);
    expect(world.heard).toEqual([]);
    expect(world.left('sync')).toEqual(nothing);
  });
});
