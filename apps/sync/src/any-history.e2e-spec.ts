import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { type History, histories, playHistory } from '../test/play-history.js';

/** Over all properties 5,000 and more. */
const runs = { mirrored: 3_000, kept: 1_200, approved: 1_200 };
const minutes = 60_000;

describe('sync/any-history', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it(
    'ends with the target as the source is where deletions are mirrored',
    () =>
      always(runs.mirrored, async (history) => {
        const { source, target } = await playHistory(history, { delete: 'mirror', maxDeletesPerHour: 1_000 });

        expect(target).toEqual(source);
      }),
    15 * minutes,
  );

  it(
    'ends with every tag of the source at the target where deletions are kept back',
    () =>
      always(runs.kept, async (history) => {
        const { source, target } = await playHistory(history);

        expect(target).toMatchObject(source);
      }),
    10 * minutes,
  );

  it(
    'ends with what was approved, and with nothing else, where approvals are waited for',
    () =>
      always(runs.approved, async (history) => {
        const { source, target, approved } = await playHistory(history, { when: 'approved' });

        expect(target).toMatchObject(source);
        for (const [tag, digest] of Object.entries(target)) expect(approved).toContain(`${tag} ${digest}`);
      }),
    10 * minutes,
  );
});

async function always(numRuns: number, holds: (history: History) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(histories, holds), { numRuns });
}
