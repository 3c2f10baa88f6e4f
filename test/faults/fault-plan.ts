import { SeededRandom } from './seeded-random.js';

/** An image that is pushed, and how its handling goes. */
export interface ImagePlan {
  name: string;
  /** How often its event is published at the same time. */
  publications: number;
  /** Every attempt to scan it fails with a bug; sync has nothing to do with it then. */
  poison: boolean;
  /** So many attempts at it, in either service, are told to try again later. */
  troubles: number;
}

/** The places between which a handler's loop can be broken, in their order. */
export const steps = [
  'delivery',
  'before the effect',
  'after the effect',
  'outcome',
  'message to the topic',
  'completion',
] as const;
export type Step = (typeof steps)[number];

/**
 * `kill`: the worker dies, another one starts. `disconnect`: its connections break, and come back. `outage`: the broker is away
 * for a while. `lose locks`: every lock runs out. `kill broker`: another broker starts on what the first has on its disk.
 */
export type Breakage = 'kill' | 'disconnect' | 'outage' | 'lose locks' | 'kill broker';

export interface Fault {
  step: Step;
  /** The how manieth time that the worker comes to that step. */
  occurrence: number;
  breakage: Breakage;
  /** Whether what the worker was about to do is still done; it does not hear of it. */
  done: boolean;
}

export interface FaultPlan {
  seed: number;
  images: ImagePlan[];
  /** The order of publishing: indexes into `images`, each as often as it is published. */
  order: number[];
  faults: Fault[];
  /** The worker starts while the broker is away. */
  downAtStart: boolean;
  /** Upper bound of what the broker waits before it does anything, in milliseconds. */
  slowness: number;
}

export interface PlanOptions {
  /** Without duplicate detection a poison message may split, so it is left out there. */
  poison: boolean;
  /** The broker keeps what it accepted in a folder, so it may die too. */
  durable: boolean;
}

/** What happens under a seed. */
export function planFaults(seed: number, { poison, durable }: PlanOptions): FaultPlan {
  const random = new SeededRandom(seed);
  const images = Array.from({ length: random.between(1, 6) }, (_, index): ImagePlan => ({
    name: `seed-${seed}/image-${index}`,
    publications: publications(random),
    poison: poison && random.chance(0.05),
    troubles: random.chance(0.2) ? random.between(1, 2) : 0,
  }));
  const order = images.flatMap((image, index) => Array.from({ length: image.publications }, () => index));
  return {
    seed,
    images,
    order: random.shuffle(order),
    faults: Array.from({ length: random.between(1, 3) }, () => planFault(random, durable)),
    downAtStart: random.chance(0.05),
    slowness: random.chance(0.1) ? random.between(1, 5) : 0,
  };
}

function publications(random: SeededRandom): number {
  if (random.chance(0.03)) return 50;
  return random.chance(0.3) ? random.between(2, 5) : 1;
}

function planFault(random: SeededRandom, durable: boolean): Fault {
  const breakage = planBreakage(random, durable);
  return {
    step: random.pick(steps),
    occurrence: random.between(1, 6),
    breakage,
    // What is not done and after which the connection stays up would never be answered, which no network does.
    done: breakage === 'lose locks' || random.chance(0.5),
  };
}

function planBreakage(random: SeededRandom, durable: boolean): Breakage {
  if (durable && random.chance(0.6)) return 'kill broker';
  // The clients take a second to get over a lost connection, so there are fewer of these.
  if (random.chance(0.1)) return random.pick(['disconnect', 'outage']);
  return random.pick(['kill', 'kill', 'lose locks']);
}
