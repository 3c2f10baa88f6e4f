import { buildArtifact, type BuiltImage } from '@pratique/oci';
import { anImageDeleted, anImagePushed } from '@pratique/testing';
import { RandomOrder } from '../../test/random-order.js';
import { startSyncWorld, type SyncWorld } from '../../test/sync-world.js';

const web = 'tripinsights/web';
const rule = { name: 'mirrored', from: 'vendor', repositories: [web], when: 'pushed' as const };
const toBoth = { ...rule, to: ['customer', 'archive'], delete: 'mirror' as const };

describe('sync/reconcile/lost-webhooks', () => {
  const images = [0, 1, 2, 3, 4].map((n) => buildArtifact({ files: { 'a.txt': `image ${n}` } }));
  let world: SyncWorld;

  beforeEach(async () => {
    world = await startSyncWorld();
  });

  afterEach(() => world.close());

  it.each([1, 20_261_125])(
    'finds in one run what a fifth of the webhooks did not tell of, with the chances %d',
    async (seed) => {
      const chance = new RandomOrder(seed);
      const pushes = Array.from({ length: 20 }, (_, at) => ({
        tag: `1.${at}`,
        image: images[chance.below(5)] as BuiltImage,
        lost: chance.below(5) === 0,
      }));
      await world.startSync([{ ...rule, to: 'archive' }]);
      for (const { tag, image } of pushes) await world.push(image, web, tag);
      const told = pushes.filter(({ lost }) => !lost);
      await world.publish(
        ...told.map(({ tag, image }) => anImagePushed({ repository: web, tag, digest: image.root.digest })),
      );
      await world.outcomes.until(told.length);

      const lost = pushes.length - told.length;
      const summary = await world.reconcile();
      const outcomes = await world.outcomes.until(pushes.length);
      const again = await world.reconcile();

      expect(summary).toMatchObject({ tags: 20, same: told.length, missing: lost, published: lost });
      expect(lost).toBeGreaterThan(0);
      expect(outcomes.slice(told.length).map(({ type }) => type)).toEqual(
        Array.from({ length: lost }, () => 'io.pratique.sync.copied.v1'),
      );
      expect(again).toMatchObject({ same: 20, missing: 0, different: 0, published: 0 });
    },
  );

  it('tells of what was deleted without a webhook, as Azure untags, and the target loses it', async () => {
    const [image] = images as [BuiltImage];
    await world.push(image, web, '1', '2');
    await world.startSync([toBoth]);
    await world.reconcile();
    await world.outcomes.until(4);
    await world.untag(web, '2');

    const summary = await world.reconcile();
    const outcomes = await world.outcomes.until(6);

    expect(summary).toMatchObject({ same: 2, leftOver: 2, published: 1 });
    expect(outcomes.slice(4)).toMatchObject([
      { type: 'io.pratique.sync.deleted.v1', data: { reason: 'gone-at-source', severity: 'notice' } },
      { type: 'io.pratique.sync.deleted.v1' },
    ]);
    expect(await world.resolve('customer', web, '2')).toBeUndefined();
    expect(await world.resolve('archive', web, '2')).toBeUndefined();
    expect(await world.resolve('archive', web, '1')).toBe(image.root.digest);
  });

  it('deletes after an event by digest, and no more than the rule may in an hour', async () => {
    const [image, other] = images as [BuiltImage, BuiltImage];
    await world.push(image, web, '1', '2', '3');
    await world.push(other, web, 'other');
    await world.startSync([{ ...toBoth, to: 'archive', maxDeletesPerHour: 2 }]);
    await world.reconcile();
    await world.outcomes.until(4);
    for (const tag of ['1', '2', '3']) await world.untag(web, tag);

    await world.publish(anImageDeleted({ repository: web, tag: undefined, digest: image.root.digest }));
    const outcomes = (await world.outcomes.until(7)).slice(4);

    expect(outcomes.map(({ data }) => data.reason).sort()).toEqual([
      'delete-bound-reached',
      'gone-at-source',
      'gone-at-source',
    ]);
    expect(outcomes.find(({ data }) => data.reason === 'delete-bound-reached')?.data).toMatchObject({
      severity: 'warning',
      message: expect.stringContaining('pratique reconcile --rule mirrored --delete') as string,
    });
    expect(await world.resolve('archive', web, 'other')).toBe(other.root.digest);
  });

  it('shows at GET /api/v1/copies what is being copied', async () => {
    const [image] = images as [BuiltImage];
    await world.push(image, web, '1');
    const shown = Promise.withResolvers<unknown>();
    world.intercept('archive', async ({ method }) => {
      if (method === 'POST') shown.resolve(await world.get('/api/v1/copies'));
      return 'proceed';
    });
    await world.startSync([{ ...rule, to: 'archive' }]);

    await world.publish(anImagePushed({ repository: web, tag: '1', digest: image.root.digest }));

    expect(await shown.promise).toMatchObject({
      copies: [
        {
          rule: 'mirrored',
          state: 'copying',
          source: { registry: 'vendor', repository: web, tag: '1' },
          digest: image.root.digest,
        },
      ],
    });
    await world.outcomes.until(1);
    await world.stopSync();
  });
});
