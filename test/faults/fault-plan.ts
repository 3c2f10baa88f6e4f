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
  'dead letter',
] as const;
export type Step = (typeof steps)[number];

/**
 * - `kill`: the worker dies, another one starts
 * - `stop`: the worker is told to stop, and gives back what it has; another one starts meanwhile
 * - `disconnect`: its connections break, and come back
 * - `silence`: its connections stay and are answered no more; new ones are
 * - `outage`: the broker is away for a moment
 * - `long outage`: it is away for ten minutes by its own clock, and for longer than any client tries by theirs
 * - `lose locks`: every lock runs out
 * - `kill broker`: another broker starts on what the first has on its disk
 * - `disk full`: the broker can write no more, until another one starts with room
 */
export const breakages = [
  'kill',
  'stop',
  'lose locks',
  'disconnect',
  'outage',
  'silence',
  'long outage',
] as const;
export const breakagesOfBroker = ['kill broker', 'disk full'] as const;
export type Breakage = (typeof breakages)[number] | (typeof breakagesOfBroker)[number];

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
export function planFaults(seed: number, options: PlanOptions): FaultPlan {
  const random = new SeededRandom(seed);
  const images = Array.from({ length: random.between(1, 6) }, (_, index): ImagePlan => ({
    name: `seed-${seed}/image-${index}`,
    publications: publications(random),
    poison: options.poison && random.chance(0.05),
    troubles: random.chance(0.2) ? random.between(1, 2) : 0,
  }));
  const faults = Array.from({ length: random.between(0, 3) }, () => planFault(random, options));
  const inTurn = faultInTurn(seed, options);
  if (inTurn?.step === 'dead letter' && images[0] !== undefined) images[0].poison = options.poison;
  const order = images.flatMap((image, index) => Array.from({ length: image.publications }, () => index));
  return {
    seed,
    images,
    order: random.shuffle(order),
    faults: inTurn === undefined ? faults : [inTurn, ...faults],
    downAtStart: random.chance(0.05),
    slowness: random.chance(0.1) ? random.between(1, 5) : 0,
  };
}

/**
 * Two of eight seeds begin with a fault that is not left to chance: one after the other they break every step in every way,
 * with what was under way done and not done.
 */
function faultInTurn(seed: number, { durable }: PlanOptions): Fault | undefined {
  if (Math.floor(seed / 2) % 4 !== 0) return undefined;
  const ways = durable ? [...breakagesOfBroker, ...breakages] : breakages;
  const turn = Math.floor(seed / 8) * 2 + (seed % 2);
  const breakage = ways[Math.floor(turn / (2 * steps.length)) % ways.length] ?? 'kill';
  const step = steps[Math.floor(turn / 2) % steps.length] ?? 'delivery';
  return { step, occurrence: 1, breakage, done: isUnderWay(breakage) || turn % 2 === 0 };
}

function publications(random: SeededRandom): number {
  if (random.chance(0.03)) return 50;
  return random.chance(0.3) ? random.between(2, 5) : 1;
}

function planFault(random: SeededRandom, { durable }: PlanOptions): Fault {
  const breakage = planBreakage(random, durable);
  return {
    step: random.pick(steps),
    occurrence: random.between(1, 6),
    breakage,
    done: isUnderWay(breakage) || random.chance(0.5),
  };
}

/** What is not done and after which the connection stays up would never be answered, which no network does. */
function isUnderWay(breakage: Breakage): boolean {
  return breakage === 'lose locks' || breakage === 'stop';
}

function planBreakage(random: SeededRandom, durable: boolean): Breakage {
  if (durable && random.chance(0.6)) return random.pick(['kill broker', 'kill broker', 'disk full']);
  // The clients take a second to get over a lost connection, so there are fewer of these.
  if (random.chance(0.12)) return random.pick(['disconnect', 'outage', 'silence', 'long outage']);
  return random.pick(['kill', 'kill', 'stop', 'lose locks']);
}
