import type { FaultReply } from '@pratique/emulators-acr';
import { buildImage, type BuiltImage } from '@pratique/oci';
import { startSyncWorld, type SyncWorld } from '../test/sync-world.js';
import { nothing, pushed, toArchive, toCustomer, web } from '../test/vendor-images.js';

describe('sync/trouble', () => {
  let app: BuiltImage;
  let world: SyncWorld;

  beforeAll(async () => {
    app = await buildImage({ layers: [{ 'bin/app': 'one' }, { 'etc/app': 'settings' }] });
  });

  beforeEach(async () => {
    world = await startSyncWorld();
  });

  afterEach(() => world.close());

  const imports = (): number => world.heard.filter((line) => line.startsWith('arm POST')).length;

  it('streams what the registry refuses to import, and says why', async () => {
    await world.push(app, web, '1.2');
    world.intercept('arm', () =>
      Promise.resolve(armRefusal('{"error":{"code":"InvalidParameters","message":"Error copying blobs."}}')),
    );
    await world.startSync([toCustomer]);

    await world.publish(pushed(app));
    const [outcome] = await world.outcomes.until(1);

    expect(outcome?.data).toMatchObject({
      reason: 'copied',
      details: { method: 'copy', importRefused: expect.stringContaining('Error copying blobs.') as string },
    });
    expect(await world.resolve('customer', web, '1.2')).toBe(app.root.digest);
  });

  it('does not stream where the rule says import', async () => {
    await world.push(app, web, '1.2');
    world.intercept('arm', () => Promise.resolve({ status: 400 }));
    await world.startSync([{ ...toCustomer, method: 'import' }]);

    await world.publish(pushed(app));
    const [outcome] = await world.outcomes.until(1);

    expect(outcome?.data).toMatchObject({ reason: 'image-not-copyable', details: { side: 'target' } });
    expect(await world.resolve('customer', web, '1.2')).toBeUndefined();
  });

  it('tells that the source refused its credentials', async () => {
    await world.push(app, web, '1.2');
    await world.startSync([toCustomer], { vendorPassword: 'wrong-secret' });

    await world.publish(pushed(app));
    const [outcome] = await world.outcomes.until(1);

    expect(outcome).toMatchObject({
      type: 'io.pratique.sync.failed.v1',
      data: { reason: 'access-refused', severity: 'error', details: { side: 'source', attempts: 1 } },
    });
    expect(JSON.stringify(outcome)).not.toContain('wrong-secret');
    expect(await world.resolve('customer', web, '1.2')).toBeUndefined();
  });

  it('tries again when Azure asks to be left alone for a moment', async () => {
    await world.push(app, web, '1.2');
    let refusals = 0;
    world.intercept('arm', ({ method }) => {
      if (method !== 'POST' || refusals > 0) return Promise.resolve('proceed');
      refusals += 1;
      return Promise.resolve(
        armRefusal(
          '{"error":{"code":"BadRequest","message":"Invalid message 429 Too Many Requests (HAP429)"}}',
        ),
      );
    });
    await world.startSync([toCustomer]);

    await world.publish(pushed(app));
    const [outcome] = await world.outcomes.until(1);

    expect(outcome?.data).toMatchObject({ reason: 'imported' });
    expect(imports()).toBe(2);
  });

  it('gives up on a registry that stays away, and tells it once', async () => {
    await world.startSync([toArchive]);
    world.intercept('vendor', () => Promise.resolve({ status: 503 }));

    await world.publish(pushed(app));
    const outcomes = await world.outcomes.until(1);
    await world.stopSync();

    expect(outcomes).toMatchObject([
      {
        type: 'io.pratique.sync.failed.v1',
        data: { reason: 'registry-unavailable', details: { side: 'source', attempts: 3 } },
      },
    ]);
    expect(world.left('sync')).toEqual(nothing);
  });

  it('carries out one rule while another has to wait, and tells each once', async () => {
    await world.push(app, web, '1.2');
    let refusals = 0;
    world.intercept('customer', () => {
      refusals += 1;
      // As often as the client tries by itself, so that the event has to come again.
      return Promise.resolve(refusals > 4 ? 'proceed' : { status: 503 });
    });
    await world.startSync([toCustomer, toArchive]);

    await world.publish(pushed(app));
    const outcomes = await world.outcomes.until(3);

    const ids = new Set(outcomes.map(({ id }) => id));
    expect(outcomes.map(({ data }) => `${data.rule} ${data.reason}`).sort()).toEqual([
      'archived completed-earlier',
      'archived copied',
      'vendor-images imported',
    ]);
    // The ledger keeps the first of two outcomes with the same id.
    expect(ids.size).toBe(2);
  });

  it('says that there is nothing to copy when the image was deleted meanwhile', async () => {
    await world.startSync([toCustomer]);

    await world.publish(pushed(app));
    const [outcome] = await world.outcomes.until(1);

    expect(outcome).toMatchObject({ type: 'io.pratique.sync.skipped.v1', data: { reason: 'image-gone' } });
  });

  it('cannot verify an import into quarantine without the right to look there, and names that right', async () => {
    await world.close();
    world = await startSyncWorld({ rights: ['pull', 'push'] });
    await world.push(app, web, '1.2');
    await world.startSync([toCustomer]);

    await world.publish(pushed(app));
    const [outcome] = await world.outcomes.until(1);

    expect(outcome?.data).toMatchObject({
      reason: 'not-verified',
      message: expect.stringContaining('AcrQuarantineReader') as string,
    });
  });
});

function armRefusal(body: string): FaultReply {
  return { status: 400, headers: { 'content-type': 'application/json' }, body };
}
