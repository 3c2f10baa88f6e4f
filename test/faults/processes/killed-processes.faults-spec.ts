import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planFaults } from '../fault-plan.js';
import { chosenSeeds } from '../run-seeds.js';
import { ProcessWorld } from './process-world.js';

/** Every death costs the start of a process and the end of its locks: too slow for every seed. */
const everySoManySeeds = 100;

describe('faults, real processes that are killed with SIGKILL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  let world: ProcessWorld;

  beforeAll(async () => {
    world = await ProcessWorld.start(folder);
  });

  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true });
  });

  it('leave every accepted event with one effect and one outcome', async () => {
    const { first, count } = chosenSeeds();
    const seeds = Array.from({ length: Math.ceil(count / everySoManySeeds) }, (_, index) => first + index);
    for (const seed of seeds) {
      const failure = await world.run(planFaults(seed, { poison: true, durable: true }));
      if (failure !== undefined) throw new Error(failure);
    }
  });
});
