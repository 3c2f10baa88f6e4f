import { brokenConducts } from './broken-conducts.js';
import { planFaults } from './fault-plan.js';
import { FaultWorld } from './fault-world.js';

/** By then each of them has met the fault that it does not survive. */
const mostSeeds = 60;

// A checker that finds nothing may be blind.
describe('the checker of the fault tests', () => {
  it.each(brokenConducts)('finds a worker that $what', async ({ conduct, complaint }) => {
    const dying = new Set<Promise<void>>();
    const world = await FaultWorld.start({ duplicateDetection: true, dying, conduct });
    try {
      expect(await firstComplaint(world)).toMatch(complaint);
    } finally {
      await world.close();
      await Promise.all(dying);
    }
  });
});

async function firstComplaint(world: FaultWorld): Promise<string> {
  for (let seed = 1; seed <= mostSeeds; seed += 1) {
    const failure = await world.run(planFaults(seed, { poison: false, durable: false }));
    if (failure !== undefined) return failure;
  }
  return `nothing to complain of in ${mostSeeds} seeds`;
}
