import type { RegistryEvent } from '@pratique/contracts';
import type { FaultReply } from '@pratique/emulators-acr';
import { buildArtifact, buildImage, buildIndex, type BuiltImage } from '@pratique/oci';
import {
  anImageApproved,
  anImageCleared,
  anImageDeleted,
  anImagePushed,
  type ImageDataInput,
} from '@pratique/testing';
import type { z } from 'zod';
import { startSyncWorld, type SyncWorld } from '../test/sync-world.js';
import type { SyncRule } from './sync-rule.js';

const web = 'tripinsights/web';
const toCustomer: z.input<typeof SyncRule> = {
  name: 'vendor-images',
  from: 'vendor',
  to: 'customer',
  repositories: ['tripinsights/*'],
  when: 'pushed',
};
const toArchive: z.input<typeof SyncRule> = { ...toCustomer, name: 'archived', to: 'archive' };
const nothing = { active: 0, locked: 0, scheduled: 0, deadLettered: 0 };

describe('sync/sync.module', () => {
  let app: BuiltImage;
  let next: BuiltImage;
  let world: SyncWorld;

  beforeAll(async () => {
    app = await buildImage({ layers: [{ 'bin/app': 'one' }, { 'etc/app': 'settings' }] });
    next = await buildImage({ layers: [{ 'bin/app': 'two' }] });
  });

  beforeEach(async () => {
    world = await startSyncWorld();
  });

  afterEach(() => world.close());

  function pushed(image: BuiltImage, data: ImageDataInput = {}): RegistryEvent {
    return anImagePushed({ repository: web, tag: '1.2', digest: image.root.digest, ...data });
  }

  const imports = (): number => world.heard.filter((line) => line.startsWith('arm POST')).length;

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

  it('copies what the tag names when it acts, not what it named when the event was sent', async () => {
    await world.push(app, web, '1.2');
    await world.push(next, web, '1.2');
    await world.startSync([toCustomer]);

    await world.publish(pushed(app));
    const [outcome] = await world.outcomes.until(1);

    expect(outcome?.data.image).toMatchObject({ digest: next.root.digest });
    expect(await world.resolve('customer', web, '1.2')).toBe(next.root.digest);
  });

  it('follows a tag that moves while its image is being copied', async () => {
    await world.push(app, web, '1.2');
    let moved = false;
    world.intercept('arm', async ({ method }) => {
      if (method === 'POST' && !moved) {
        moved = true;
        await world.push(next, web, '1.2');
      }
      return 'proceed';
    });
    await world.startSync([toCustomer]);

    await world.publish(pushed(app));
    const [outcome] = await world.outcomes.until(1);

    expect(outcome?.data).toMatchObject({ image: { digest: next.root.digest }, details: { rounds: 2 } });
    expect(await world.resolve('customer', web, '1.2')).toBe(next.root.digest);
  });

  it('ends at the newest image whatever the order of the events', async () => {
    await world.push(app, web, '1.2');
    await world.push(next, web, '1.2');
    await world.startSync([toCustomer, toArchive]);

    await world.publish(
      pushed(next, { senderEventId: 'late', occurredAt: '2026-01-02T00:00:02Z' }),
      pushed(app),
    );
    await world.outcomes.until(4);

    expect(await world.resolve('customer', web, '1.2')).toBe(next.root.digest);
    expect(await world.resolve('archive', web, '1.2')).toBe(next.root.digest);
  });

  it('acts once on an event that is published twice', async () => {
    await world.push(app, web, '1.2');
    await world.startSync([toCustomer]);

    await world.publish(pushed(app));
    await world.publish(pushed(app));
    await world.publish(pushed(app, { repository: 'internal/tools' }));
    const outcomes = await world.outcomes.until(2);
    await world.stopSync();

    expect(outcomes.map(({ data }) => data.reason).sort()).toEqual(['imported', 'no-rule-matches']);
    expect(imports()).toBe(1);
    expect(world.left('sync')).toEqual(nothing);
  });

  it('changes nothing for a second event about the same image', async () => {
    await world.push(app, web, '1.2');
    await world.startSync([toArchive]);
    await world.publish(pushed(app));
    await world.outcomes.until(1);
    const before = world.heard.length;

    await world.publish(pushed(app, { occurredAt: '2026-01-02T00:00:09Z' }));
    const [, second] = await world.outcomes.until(2);

    expect(second).toMatchObject({
      type: 'io.pratique.sync.skipped.v1',
      data: { reason: 'already-present' },
    });
    expect(world.heard.slice(before).filter((line) => /(PUT|POST|PATCH) /.test(line))).toEqual([]);
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

  it('keeps at the target what is deleted at the source', async () => {
    await world.push(app, web, '1.2');
    await world.startSync([toCustomer]);
    await world.publish(pushed(app));
    await world.outcomes.until(1);

    await world.publish(anImageDeleted({ repository: web, tag: '1.2', digest: app.root.digest }));
    await world.publish(pushed(app, { repository: 'internal/tools' }));
    await world.outcomes.until(2);
    await world.stopSync();

    expect(await world.resolve('customer', web, '1.2')).toBe(app.root.digest);
    expect(world.left('sync')).toEqual(nothing);
  });

  describe('after a decision', () => {
    const released = { ...toArchive, when: 'approved' as const };

    it('copies the image that was decided on', async () => {
      await world.push(app, web, '1.2');
      await world.startSync([released]);

      await world.publish(anImageApproved({}, pushed(app)));
      const [outcome] = await world.outcomes.until(1);

      expect(outcome?.data).toMatchObject({ reason: 'copied', image: { digest: app.root.digest } });
    });

    it('never copies another image, even if the tag names it by now', async () => {
      await world.push(app, web, '1.2');
      await world.push(next, web, '1.2');
      await world.startSync([released]);

      await world.publish(anImageApproved({}, pushed(app)));
      const [outcome] = await world.outcomes.until(1);

      expect(outcome?.data).toMatchObject({
        reason: 'tag-moved',
        message: expect.stringContaining(`no longer names ${app.root.digest}`) as string,
      });
      expect(await world.resolve('archive', web, '1.2')).toBeUndefined();
      expect(await world.resolve('archive', web, next.root.digest)).toBeUndefined();
    });

    it('waits for the decision that the rule names, in silence', async () => {
      await world.push(app, web, '1.2');
      await world.startSync([released]);

      await world.publish(
        pushed(app),
        anImageCleared({}, pushed(app)),
        anImageApproved({}, pushed(next, { tag: 'x' })),
      );
      const outcomes = await world.outcomes.until(1);
      await world.stopSync();

      expect(outcomes.map(({ data }) => data.image?.tag)).toEqual(['x']);
      expect(await world.resolve('archive', web, '1.2')).toBeUndefined();
      expect(world.left('sync')).toEqual(nothing);
    });
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
