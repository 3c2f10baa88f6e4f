import { buildImage, type BuiltImage } from '@pratique/oci';
import { anImageApproved, anImageCleared, anImageDeleted } from '@pratique/testing';
import { startSyncWorld, type SyncWorld } from '../test/sync-world.js';
import { nothing, pushed, toArchive, toCustomer, web } from '../test/vendor-images.js';

describe('sync/newest-image', () => {
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

  const imports = (): number => world.heard.filter((line) => line.startsWith('arm POST')).length;

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
});
