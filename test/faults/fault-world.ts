import { cpSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { outcomeConsumerGroups } from '@pratique/contracts';
import {
  type AzureMessagingEmulator,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import {
  inMemoryCheckpointStore,
  MessagingClients,
  messagingSettingsFor,
  messagingTopology,
  OutcomeReader,
  RegistryEventPublisher,
} from '@pratique/messaging';
import { FaultInjector } from './fault-injector.js';
import type { Fault, FaultPlan } from './fault-plan.js';
import { checkHistory, expectedOutcomes, type Remains } from './history.js';
import { pushOf } from './images.js';
import { JumpingClock } from './jumping-clock.js';
import { services, tuning, Worker } from './worker.js';
import { Wire } from './wire.js';

const topic = 'registry-events';
/** So short that many jumps of the clock leave messages within the ten minutes of duplicate detection. */
const lockMs = 5_000;
/** More than the faults of a seed can use up. */
const maxDeliveryCount = 100;
/** Longer than anything takes that is under way; what is left then waits for a lock to end. */
const stuckMs = 150;
/** By then the broker has noticed that a connection is gone. */
const noticedMs = 5;
const giveUpMs = 30_000;

export interface WorldOptions {
  duplicateDetection: boolean;
  /** Where the broker keeps everything; gives an empty folder at every call. Without, it is in memory. */
  newFolder?: () => string;
  /** Collects what dead workers leave in this process for some seconds. */
  dying: Set<Promise<void>>;
}

/** A broker, a publisher and a worker, which live through many seeds; a killed worker is replaced. */
export class FaultWorld {
  readonly #clock = new JumpingClock();
  readonly #injector = new FaultInjector((fault) => this.#break(fault));
  #emulator!: AzureMessagingEmulator;
  #publisher!: { wire: Wire; clients: MessagingClients; events: RegistryEventPublisher };
  #worker: Promise<Worker> | undefined;
  /** The same, once it has started. */
  #running: Worker | undefined;
  #restarted = Promise.resolve();
  #folder: string | undefined;
  #deadLettersBefore = 0;
  readonly #expected = new Set<string>();

  private constructor(private readonly options: WorldOptions) {}

  static async start(options: WorldOptions): Promise<FaultWorld> {
    const world = new FaultWorld(options);
    const { port, connectionString } = (world.#emulator = await world.#startBroker(options.newFolder?.()));
    const wire = await Wire.to(port);
    const clients = new MessagingClients(messagingSettingsFor(wire.through(connectionString), tuning));
    world.#publisher = { wire, clients, events: new RegistryEventPublisher(clients) };
    return world;
  }

  /** Runs one seed to its end. @returns what is wrong, with the history; undefined when nothing is */
  async run(plan: FaultPlan): Promise<string | undefined> {
    this.#injector.begin(plan);
    if (plan.downAtStart) await this.#bury();
    this.#worker ??= this.#newWorker(plan.downAtStart);
    await Promise.all([this.#publishAll(plan), plan.downAtStart && this.#endOutage()]);
    await this.#restarted;
    const remains = await this.#settled(plan);
    this.#deadLettersBefore += remains.deadLettered;
    const { history } = this.#injector;
    const problems = checkHistory(plan, history, remains);
    for (const { id } of expectedOutcomes(plan)) this.#expected.add(id);
    if (problems.length === 0) return undefined;
    return `seed ${plan.seed}: ${problems.join('; ')}\n${JSON.stringify(plan)}\n${history.toString()}`;
  }

  /** Reads the event hub from its beginning. @throws Error when an outcome is not there that a worker was told is stored */
  async checkStored(): Promise<void> {
    const missing = new Set(this.#expected);
    const { promise: found, resolve } = Promise.withResolvers<void>();
    const reader = new OutcomeReader(this.#publisher.clients, {
      consumerGroup: outcomeConsumerGroups.audit,
      checkpoints: inMemoryCheckpointStore(),
      handle: (batch) => {
        for (const { outcome } of batch.outcomes) missing.delete(outcome.id);
        if (missing.size === 0) resolve();
        return Promise.resolve();
      },
    });
    reader.start();
    await Promise.race([found, pause(giveUpMs, undefined, { ref: false })]);
    await reader.close();
    if (missing.size > 0) throw new Error(`the event hub lost outcomes: ${[...missing].join(', ')}`);
  }

  async close(): Promise<void> {
    await this.#bury();
    await this.#publisher.clients.close();
    this.#publisher.wire.cut();
    await this.#emulator.close();
  }

  async #startBroker(folder: string | undefined): Promise<AzureMessagingEmulator> {
    this.#folder = folder;
    const { topics, eventHubs } = messagingTopology();
    return await startAzureMessagingEmulator({
      port: 0,
      storage: folder === undefined ? 'memory' : { folder },
      clock: this.#clock,
      eventHubs,
      topics: topics.map(({ name, duplicateDetectionWindowMs, subscriptions }) => ({
        name,
        ...(this.options.duplicateDetection && { duplicateDetectionWindowMs }),
        subscriptions: subscriptions
          .filter((one) => services.some((service) => service === one.name))
          .map((one) => ({ ...one, lockDurationMs: lockMs, maxDeliveryCount })),
      })),
      intercept: (moment) => this.#injector.decide(moment),
    });
  }

  async #newWorker(down = false): Promise<Worker> {
    const { port, connectionString } = this.#emulator;
    const surroundings = {
      connectionString,
      brokerPort: port,
      history: () => this.#injector.history,
      reach: (step: Parameters<FaultInjector['reach']>[0]) => void this.#injector.reach(step),
      trouble: this.#injector.trouble.bind(this.#injector),
    };
    this.#running = await Worker.start(surroundings, { down });
    return this.#running;
  }

  async #bury(): Promise<void> {
    const worker = await this.#worker;
    if (worker !== undefined) this.#kill(worker);
  }

  #kill(worker: Worker): void {
    this.options.dying.add(worker.kill());
    this.#worker = undefined;
    this.#running = undefined;
  }

  #break({ breakage }: Fault): void {
    if (breakage === 'lose locks') {
      this.#clock.jump(lockMs);
      return;
    }
    const worker = this.#running;
    if (worker === undefined) return;
    if (breakage === 'kill broker') {
      worker.wire.down();
      this.#restarted = this.#restarted.then(() => this.#killBroker());
    } else if (breakage === 'kill') {
      this.#kill(worker);
      this.#worker = this.#newWorker();
      // In life its locks run out a minute later, of themselves.
      setTimeout(() => this.#clock.jump(lockMs), noticedMs);
    } else if (breakage === 'disconnect') {
      worker.wire.drop();
    } else {
      worker.wire.down();
      void this.#endOutage();
    }
  }

  /** What the disk holds at this moment is what a process finds that starts after SIGKILL. */
  async #killBroker(): Promise<void> {
    const [killed, found] = [this.#folder, this.options.newFolder?.()];
    if (killed === undefined || found === undefined) return;
    this.#publisher.wire.down();
    (await this.#worker)?.wire.down();
    cpSync(killed, found, { recursive: true, filter: (path) => basename(path) !== 'lock' });
    const dead = this.#emulator;
    this.#emulator = await this.#startBroker(found);
    this.#publisher.wire.up(this.#emulator.port);
    (await this.#worker)?.wire.up(this.#emulator.port);
    this.#injector.history.note('the broker is there, with what the killed one had written');
    await dead.close();
  }

  async #endOutage(): Promise<void> {
    await pause(this.#injector.random.between(5, 50));
    (await this.#worker)?.wire.up();
    this.#injector.history.note('the broker is there');
  }

  async #publishAll(plan: FaultPlan): Promise<void> {
    await Promise.all(plan.order.map((index) => this.#publish(plan.images[index]?.name ?? '')));
  }

  /** As a registry does it that knows no better: until it is accepted. */
  async #publish(image: string): Promise<void> {
    const { history } = this.#injector;
    while (!(await this.#isAccepted(image))) history.note(`publishing ${image} again`);
    if (!history.accepted.has(image)) history.note(`accepted ${image}`);
    history.accepted.add(image);
  }

  async #isAccepted(image: string): Promise<boolean> {
    return await this.#publisher.events.publish(pushOf(image)).then(
      () => true,
      () => false,
    );
  }

  /** Waits until nothing is pending. Messages of the dead wait for their locks, so those are ended when nothing moves. */
  async #settled(plan: FaultPlan): Promise<Remains> {
    const end = performance.now() + giveUpMs;
    let [last, since, patience] = ['', performance.now(), stuckMs + plan.slowness * 10];
    for (;;) {
      const remains = this.#remains();
      if (remains.pending === 0 || performance.now() > end) return remains;
      await this.#restarted;
      const now = `${remains.pending} ${this.#injector.history.length}`;
      if (now !== last) [last, since] = [now, performance.now()];
      if (performance.now() - since > patience) {
        this.#injector.history.note('every lock runs out');
        this.#clock.jump(lockMs);
        since = performance.now();
        patience *= 2;
      }
      await pause(1);
    }
  }

  #remains(): Remains {
    const stats = services.map((service) => this.#emulator.subscriptionStats(topic, service));
    const sum = (of: (one: (typeof stats)[number]) => number): number =>
      stats.reduce((total, one) => total + of(one), 0);
    return {
      pending: sum(({ active, locked, scheduled }) => active + locked + scheduled),
      deadLettered: sum(({ deadLettered }) => deadLettered) - this.#deadLettersBefore,
    };
  }
}
