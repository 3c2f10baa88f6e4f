import { join } from 'node:path';

import * as fc from 'fast-check';

import { partitionForKey } from './partition-key-hash.js';

describe('engine/partition-key-hash', () => {
  it('agrees with the buffered producer of the Event Hubs client for every key', () => {
    const file = join(require.resolve('@azure/event-hubs'), '..', 'impl', 'partitionKeyToIdMapper.js');
    const client = jest.requireActual<{ mapPartitionKeyToId(key: string, partitions: number): number }>(file);
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.integer({ min: 1, max: 32 }),
        (key, partitions) => {
          expect(partitionForKey(key, partitions)).toBe(client.mapPartitionKeyToId(key, partitions));
        },
      ),
      { numRuns: 3000 },
    );
  });
});
