import { setTimeout as pause } from 'node:timers/promises';
import type { RegistryEvent } from '@pratique/contracts';
import type { EmulatorDecision, EmulatorMoment } from '@pratique/emulators-azure-messaging';
import { type Delivery, RetryLater } from '@pratique/messaging';
import type { Fault, FaultPlan, Step } from './fault-plan.js';
import { History } from './history.js';
import type { Service } from './conduct.js';
import { pushOf } from './images.js';
import { SeededRandom } from './seeded-random.js';

/** Counts the steps of the worker, breaks it at those of the plan, and writes the history down. */
export class FaultInjector {
  #plan: FaultPlan | undefined;
  #history = new History();
  #random = new SeededRandom(0);
  #occurrences = new Map<Step, number>();
  #published = new Set<string>();
  /** Names of the images of earlier seeds that were poison: a copy of their message may still be on its way. */
  readonly #spent = new Set<string>();
  /** `<breakage> at <step>`: what has happened in any seed. */
  readonly happened = new Set<string>();

  constructor(private readonly breakNow: (fault: Fault) => void) {}

  get history(): History {
    return this.#history;
  }

  get random(): SeededRandom {
    return this.#random;
  }

  begin(plan: FaultPlan): void {
    // The same begins again when one of its processes has died.
    const over = this.#plan?.seed === plan.seed ? [] : (this.#plan?.images ?? []);
    for (const { name, poison } of over) if (poison) this.#spent.add(name);
    this.#plan = plan;
    const { earlier, outcomes } = this.#history;
    this.#history = new History();
    for (const id of [...earlier, ...outcomes]) this.#history.earlier.add(id);
    this.#random = new SeededRandom(plan.seed + 1);
    this.#occurrences = new Map();
    this.#published = new Set(plan.images.map(({ name }) => pushOf(name).id));
  }

  /** What the broker is about to do: the steps of the worker that can be seen from there. */
  async decide(moment: EmulatorMoment): Promise<EmulatorDecision> {
    await this.#beSlow();
    this.#countDelivery(moment);
    const step = this.#stepOf(moment);
    const decision = step === undefined ? 'proceed' : this.reach(step, describe(moment));
    if (decision === 'proceed') this.#remember(moment);
    return decision;
  }

  async #beSlow(): Promise<void> {
    const slowness = this.#plan?.slowness ?? 0;
    if (slowness > 0) await pause(this.#random.between(0, slowness));
  }

  #countDelivery(moment: EmulatorMoment): void {
    const service = receiverOf(moment);
    if (service !== undefined) this.#history.deliveries[service] += 1;
  }

  #remember({ kind, messageIds = [] }: EmulatorMoment): void {
    if (kind !== 'event-hub-send') return;
    for (const id of messageIds) this.#history.outcomes.add(id);
  }

  reach(step: Step, what: string = step): EmulatorDecision {
    const occurrence = (this.#occurrences.get(step) ?? 0) + 1;
    this.#occurrences.set(step, occurrence);
    const fault = this.#plan?.faults.find((one) => one.step === step && one.occurrence === occurrence);
    this.#history.note(what);
    if (fault === undefined) return 'proceed';
    this.#history.note(`${fault.breakage} here; what was under way is ${fault.done ? '' : 'not '}done`);
    this.happened.add(`${fault.breakage} at ${step}`);
    this.breakNow(fault);
    return fault.done ? 'proceed' : 'drop';
  }

  /**
   * Whether an event is of a poison that an earlier seed was done with: somebody who had lost the lock may send a copy of it
   * when another has given it up long ago. With that seed's plan, nobody would know any more that it is poison.
   */
  isSpent({ data }: RegistryEvent): boolean {
    return this.#spent.has(data.repository);
  }

  /** @throws Error when this attempt at an image is to fail */
  runIntoTrouble(service: Service, event: RegistryEvent, { attempt }: Delivery): void {
    const image = this.#plan?.images.find(({ name }) => name === event.data.repository);
    if (image === undefined) return;
    if (image.poison && service === 'scan') throw new TypeError('poison');
    if (!image.poison && attempt <= image.troubles) throw new RetryLater('the registry is busy');
  }

  #stepOf(moment: EmulatorMoment): Step | undefined {
    const { kind, outcome, messageIds = [] } = moment;
    if (kind === 'deliver') return receiverOf(moment) && 'delivery';
    if (kind === 'event-hub-send') return 'outcome';
    if (kind === 'disposition') return outcome === undefined ? undefined : settlements[outcome];
    return messageIds.some((id) => this.#published.has(id)) ? undefined : 'message to the topic';
  }
}

/** The service that is given a message. Whoever reads the event hub is none: the checker does, when all is over. */
function receiverOf({ kind, entity }: EmulatorMoment): Service | undefined {
  if (kind !== 'deliver') return undefined;
  return /\/Subscriptions\/(scan|sync)$/i.exec(entity)?.[1] as Service | undefined;
}

const settlements = {
  complete: 'completion',
  'dead-letter': 'dead letter',
  abandon: undefined,
  defer: undefined,
} as const;

function describe({ kind, entity, outcome, messageIds = [] }: EmulatorMoment): string {
  const ids = messageIds.map((id) => id.slice(0, 8)).join(', ');
  return `${[kind, outcome].filter((part) => part !== undefined).join(' ')} ${entity} ${ids}`;
}
