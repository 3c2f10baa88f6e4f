import { chosenSeeds, runSeeds } from './run-seeds.js';

// Two files, so that two cores share the seeds.
describe('faults, even seeds', () => {
  it('leave every accepted event with one effect and one outcome', async () => {
    await runSeeds(chosenSeeds(), (seed) => seed % 2 === 0);
  });
});
