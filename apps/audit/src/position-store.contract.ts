import type { Checkpoint, PartitionOwnership } from '@pratique/messaging';
import type { AuditDatabase } from './database/open-database.js';
import { PositionStore } from './position-store.js';

/** What the store of positions must do on every database it runs on. */
export function describePositionStore(name: string, open: () => Promise<AuditDatabase>): void {
  describe(`${name} as a store of positions`, () => {
    let database: AuditDatabase;
    let store: PositionStore;

    beforeAll(async () => {
      database = await open();
      store = new PositionStore(database);
    });

    beforeEach(async () => {
      await database.deleteFrom('outcome_positions').execute();
      await database.deleteFrom('outcome_partition_owners').execute();
    });

    afterAll(async () => {
      await database.destroy();
    });

    it('knows no owner and no position of a hub that nobody has read', async () => {
      expect(await store.listOwnership(...hub)).toEqual([]);
      expect(await store.listCheckpoints(...hub)).toEqual([]);
    });

    it('gives a free partition to the first who claims it', async () => {
      const [claimed] = await store.claimOwnership([claim('0', 'reader-1')]);

      expect(claimed).toMatchObject({ partitionId: '0', ownerId: 'reader-1' });
      expect(claimed?.etag).toEqual(expect.any(String));
      expect(await store.claimOwnership([claim('0', 'reader-2')])).toEqual([]);
      expect(await store.listOwnership(...hub)).toEqual([claimed]);
    });

    it('renews and takes over only under the etag of the last claim', async () => {
      const [first] = await store.claimOwnership([claim('0', 'reader-1')]);
      const [renewed] = await store.claimOwnership([claim('0', 'reader-1', first?.etag)]);

      expect(await store.claimOwnership([claim('0', 'reader-2', first?.etag)])).toEqual([]);
      expect(await store.claimOwnership([claim('0', 'reader-2', renewed?.etag)])).toMatchObject([
        { ownerId: 'reader-2' },
      ]);
    });

    it('lets one of many win who claim at the same time', async () => {
      const [first] = await store.claimOwnership([claim('0', 'reader-0')]);
      const rivals = Array.from({ length: 8 }, (_, index) => claim('0', `rival-${index}`, first?.etag));

      const results = await Promise.all(rivals.map((rival) => store.claimOwnership([rival])));

      expect(results.flat()).toHaveLength(1);
    });

    it('returns those of several claims that succeeded', async () => {
      await store.claimOwnership([claim('1', 'reader-1')]);

      const claimed = await store.claimOwnership([claim('0', 'reader-2'), claim('1', 'reader-2')]);

      expect(claimed.map(({ partitionId }) => partitionId)).toEqual(['0']);
    });

    it('remembers the position of each partition', async () => {
      await store.updateCheckpoint(position('0', 41));
      await store.updateCheckpoint(position('0', 42));
      await store.updateCheckpoint(position('1', 7));

      const positions = await store.listCheckpoints(...hub);

      expect(positions.toSorted((a, b) => a.sequenceNumber - b.sequenceNumber)).toEqual([
        position('1', 7),
        position('0', 42),
      ]);
    });

    it('keeps hubs and consumer groups apart', async () => {
      await store.updateCheckpoint(position('0', 42));
      await store.claimOwnership([claim('0', 'reader-1')]);

      expect(await store.listCheckpoints('ns', 'outcomes', 'another-group')).toEqual([]);
      expect(await store.listOwnership('ns', 'another-hub', 'audit')).toEqual([]);
    });
  });
}

const hub = ['ns', 'outcomes', 'audit'] as const;
const group = { fullyQualifiedNamespace: 'ns', eventHubName: 'outcomes', consumerGroup: 'audit' };

function claim(partitionId: string, ownerId: string, etag?: string): PartitionOwnership {
  return { ...group, partitionId, ownerId, ...(etag !== undefined && { etag }) };
}

function position(partitionId: string, sequenceNumber: number): Checkpoint {
  return { ...group, partitionId, offset: String(sequenceNumber * 100), sequenceNumber };
}
