import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { histories, playHistory } from '../test/play-history.js';

// Enough to notice what is broken; any-history.e2e-spec.ts plays 5,000.
const runs = 15;

describe('sync/any-history', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('ends with the target as the source is, under any order of pushes, deletions and doubles', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const { source, target } = await playHistory(history, { delete: 'mirror', maxDeletesPerHour: 1_000 });

        expect(target).toEqual(source);
      }),
      { numRuns: runs },
    );
  });
});
