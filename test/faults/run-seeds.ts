import { environmentVariable } from '@pratique/config';
import { breakages, planFaults, steps } from './fault-plan.js';
import { FaultWorld, type WorldOptions } from './fault-world.js';

/** A world ages: its clock runs ahead of the workers', and its dead letters stay. */
const seedsInAWorld = 25;
/** Worlds that run at the same time in a process: most of a seed is waiting, for connections and for time limits. */
const lanes = 4;

export interface SeedRange {
  first: number;
  count: number;
}

/** Which seeds to run: FAULTS_SEED and FAULTS_SEEDS, as run-faults.mjs sets them. */
export function chosenSeeds(): SeedRange {
  return {
    first: Number(environmentVariable('FAULTS_SEED') ?? 1),
    count: Number(environmentVariable('FAULTS_SEEDS') ?? 20),
  };
}

/**
 * Runs every seed for which `mine` says so. Every third world is without duplicate detection.
 *
 * @returns what was broken where: `<breakage> at <step>`
 * @throws Error at the first failure
 */
export async function runSeeds(
  { first, count }: SeedRange,
  mine: (seed: number) => boolean,
): Promise<Set<string>> {
  const dying = new Set<Promise<void>>();
  const happened = new Set<string>();
  const seeds = Array.from({ length: count }, (_, index) => first + index).filter(mine);
  const worlds = [true, false].flatMap((duplicateDetection) => {
    const kind = seeds.filter((seed) => hasDuplicateDetection(seed) === duplicateDetection);
    return inWorlds(kind).map((group) => ({ seeds: group, options: { duplicateDetection, dying } }));
  });
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let world = worlds.shift(); world !== undefined; world = worlds.shift()) {
        for (const each of await runInOneWorld(world.seeds, world.options)) happened.add(each);
      }
    }),
  );
  await Promise.all(dying);
  return happened;
}

/** Runs seeds one after the other in one world, and closes it. @throws Error at the first failure, with seed and history */
export async function runInOneWorld(
  seeds: readonly number[],
  options: WorldOptions,
): Promise<ReadonlySet<string>> {
  const world = await FaultWorld.start(options);
  try {
    for (const seed of seeds) {
      const durable = options.newFolder !== undefined;
      const failure = await world
        .run(planFaults(seed, { poison: options.duplicateDetection, durable }))
        .catch((cause: unknown) => {
          throw new Error(`seed ${seed}: the world itself broke`, { cause });
        });
      if (failure !== undefined) throw new Error(failure);
    }
    await world.checkStored();
    return world.happened;
  } finally {
    await world.close();
  }
}

function hasDuplicateDetection(seed: number): boolean {
  return Math.floor(seed / 2) % 3 !== 0;
}

function inWorlds(seeds: readonly number[]): number[][] {
  const size = Math.min(seedsInAWorld, Math.ceil(seeds.length / lanes));
  return Array.from({ length: Math.ceil(seeds.length / size) || 0 }, (_, index) =>
    seeds.slice(index * size, (index + 1) * size),
  );
}

/** So many seeds break every step in every way: see `planFaults`. */
const seedsForAllWays = 1_200;

/** The ways of breaking that seeds should have met and did not: none, unless they are few. */
export function waysLeftOut(happened: ReadonlySet<string>, { count }: SeedRange): string[] {
  if (count < seedsForAllWays) return [];
  return steps
    .flatMap((step) => breakages.map((breakage) => `${breakage} at ${step}`))
    .filter((way) => !happened.has(way));
}
