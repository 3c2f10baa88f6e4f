import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type MessagingClients, RegistryEventPublisher } from '@pratique/messaging';
import { BreakableWorld, type WorldOptions as BreakableWorldOptions } from './breakable-world.js';
import { checkHistory, expectedOutcomes, type Remains } from './check-history.js';
import { type Conduct, properConduct } from './conduct.js';
import { FaultInjector } from './fault-injector.js';
import type { FaultPlan } from './fault-plan.js';
import type { History } from './history.js';
import { pushOf } from './images.js';
import { JumpingClock } from './jumping-clock.js';
import { readStoredOutcomes } from './stored-outcomes.js';

/** Longer than anything takes that is under way; what is left then waits for a lock to end. */
const stuckMs = 150;
/** On a machine that does nothing else, a seed takes seconds at the most. */
const giveUpMs = 300_000;

export interface WorldOptions extends Omit<BreakableWorldOptions, 'conduct'> {
  /** Without, workers do it right. */
  conduct?: Conduct;
}

/** A broker, a publisher and a worker, which live through many seeds. */
export class FaultWorld {
  #world!: BreakableWorld;
  #clients!: MessagingClients;
  #events!: RegistryEventPublisher;
  readonly #injector = new FaultInjector(({ breakage }) => this.#world.breakIn(breakage));
  #deadLettersBefore = 0;
  /** Ids of all outcomes that belong into the event hub, and of the events that they came from. */
  readonly #expected = new Map<string, string | undefined>();

  private constructor() {}

  static async start({ conduct = properConduct, ...options }: WorldOptions): Promise<FaultWorld> {
    Logger.overrideLogger(false);
    const world = new FaultWorld();
    const parts = { clock: new JumpingClock(), injector: world.#injector };
    world.#world = await BreakableWorld.start({ ...options, conduct }, parts);
    world.#clients = world.#world.newClients();
    world.#events = new RegistryEventPublisher(world.#clients);
    return world;
  }

  /** What was broken where, in all seeds so far. */
  get happened(): ReadonlySet<string> {
    return this.#injector.happened;
  }

  /** Runs one seed to its end. @returns what is wrong, with the history; undefined when nothing is */
  async run(plan: FaultPlan): Promise<string | undefined> {
    this.#injector.begin(plan);
    await this.#world.haveWorker({ down: plan.downAtStart });
    await Promise.all([this.#publishAll(plan), plan.downAtStart && this.#world.endOutage()]);
    const remains = await this.#settled(plan);
    const deadLettered = remains.deadLettered - this.#deadLettersBefore;
    this.#deadLettersBefore = remains.deadLettered;
    const problems = checkHistory(plan, this.#history, { ...remains, deadLettered });
    for (const { id, causationid } of expectedOutcomes(plan)) this.#expected.set(id, causationid);
    if (problems.length === 0) return undefined;
    return `seed ${plan.seed}: ${problems.join('; ')}\n${JSON.stringify(plan)}\n${this.#history.toString()}`;
  }

  /**
   * Reads the event hub from its beginning.
   *
   * @throws Error when an outcome is not there that a worker was told is stored, or one event has two
   */
  async checkStored(): Promise<void> {
    const stored = await readStoredOutcomes(this.#clients, {
      until: (ids) => [...this.#expected.keys()].every((id) => ids.has(id)),
      giveUpMs,
    });
    const missing = [...this.#expected.keys()].filter((id) => !stored.has(id));
    if (missing.length > 0) throw new Error(`the event hub lost outcomes: ${missing.join(', ')}`);
    const causes = new Set(this.#expected.values());
    const others = [...stored].filter(([id, cause]) => causes.has(cause) && !this.#expected.has(id));
    if (others.length > 0)
      throw new Error(`events have a second outcome: ${others.map(([id]) => id).join(', ')}`);
  }

  async close(): Promise<void> {
    await this.#clients.close();
    await this.#world.close();
  }

  get #history(): History {
    return this.#injector.history;
  }

  async #publishAll(plan: FaultPlan): Promise<void> {
    await Promise.all(plan.order.map((index) => this.#publish(plan.images[index]?.name ?? '')));
  }

  /** As a registry does it that knows no better: until it is accepted. */
  async #publish(image: string): Promise<void> {
    const history = this.#history;
    while (!(await this.#isAccepted(image))) history.note(`publishing ${image} again`);
    if (!history.accepted.has(image)) history.note(`accepted ${image}`);
    history.accepted.add(image);
  }

  async #isAccepted(image: string): Promise<boolean> {
    return await this.#events.publish(pushOf(image)).then(
      () => true,
      () => false,
    );
  }

  /** Waits until nothing is pending. Messages of the dead wait for their locks, so those are ended when nothing moves. */
  async #settled(plan: FaultPlan): Promise<Remains> {
    const end = performance.now() + giveUpMs;
    let [last, since, patience] = ['', performance.now(), stuckMs + plan.slowness * 10];
    for (;;) {
      await this.#world.restored;
      const remains = this.#world.broker.remains();
      if (remains.pending === 0 || performance.now() > end) return remains;
      const now = `${remains.pending} ${this.#history.length}`;
      if (now !== last) [last, since] = [now, performance.now()];
      if (performance.now() - since > patience) {
        this.#history.note('every lock runs out');
        this.#world.endLocks();
        since = performance.now();
        patience *= 2;
      }
      await pause(1);
    }
  }
}
