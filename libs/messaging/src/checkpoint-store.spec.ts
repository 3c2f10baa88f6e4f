import { inMemoryCheckpointStore } from './checkpoint-store.js';

const place = {
  fullyQualifiedNamespace: 'localhost',
  eventHubName: 'outcomes',
  consumerGroup: 'audit',
  partitionId: '0',
};
const hub = ['localhost', 'outcomes', 'audit'] as const;

describe('messaging/checkpoint-store', () => {
  it('grants a partition to the first who asks, and to nobody who has not seen that', async () => {
    const store = inMemoryCheckpointStore();
    const [mine] = await store.claimOwnership([{ ...place, ownerId: 'me' }]);
    expect(mine).toMatchObject({
      ownerId: 'me',
      etag: expect.any(String),
      lastModifiedTimeInMs: expect.any(Number),
    });
    expect(await store.claimOwnership([{ ...place, ownerId: 'another' }])).toEqual([]);
    expect(await store.listOwnership(...hub)).toEqual([mine]);
  });

  it('lets whoever knows the last owner take over, once', async () => {
    const store = inMemoryCheckpointStore();
    const [mine] = await store.claimOwnership([{ ...place, ownerId: 'me' }]);
    const claim = { ...mine!, ownerId: 'another' };
    expect(await store.claimOwnership([claim])).toMatchObject([{ ownerId: 'another' }]);
    expect(await store.claimOwnership([claim])).toEqual([]);
  });

  it('keeps the last position of every partition and group apart', async () => {
    const store = inMemoryCheckpointStore();
    await store.updateCheckpoint({ ...place, offset: '10', sequenceNumber: 1 });
    await store.updateCheckpoint({ ...place, offset: '20', sequenceNumber: 2 });
    await store.updateCheckpoint({ ...place, partitionId: '1', offset: '5', sequenceNumber: 0 });
    await store.updateCheckpoint({ ...place, consumerGroup: 'siem', offset: '99', sequenceNumber: 9 });
    expect(await store.listCheckpoints(...hub)).toMatchObject([{ offset: '20' }, { offset: '5' }]);
  });

  it('hands out copies, so that nobody changes it by accident', async () => {
    const store = inMemoryCheckpointStore();
    const [mine] = await store.claimOwnership([{ ...place, ownerId: 'me' }]);
    mine!.ownerId = 'changed';
    expect(await store.listOwnership(...hub)).toMatchObject([{ ownerId: 'me' }]);
  });
});
