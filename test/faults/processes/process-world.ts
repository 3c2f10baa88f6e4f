import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MessagingClients, messagingSettingsFor, RegistryEventPublisher } from '@pratique/messaging';
import { checkHistory, expectedOutcomes, type Remains } from '../check-history.js';
import type { FaultPlan } from '../fault-plan.js';
import { type Effect, History } from '../history.js';
import { pushOf } from '../images.js';
import { readStoredOutcomes } from '../stored-outcomes.js';
import { Wire } from '../wire.js';
import { tuning } from '../worker.js';
import type { BrokerReply, BrokerRequest } from './broker-process.js';
import { type KillOrders, withoutKills } from './kill-orders.js';
import { MortalProcess } from './mortal-process.js';
import type { WorkerReply, WorkerRequest } from './worker-process.js';

const giveUpMs = 60_000;
const lookEveryMs = 20;

/** A broker and a worker as processes of their own, and a publisher here. Whoever is killed is started again. */
export class ProcessWorld {
  readonly #folder: string;
  readonly #effectsFile: string;
  readonly #killsFile: string;
  #broker!: MortalProcess<BrokerRequest, BrokerReply>;
  #worker!: MortalProcess<WorkerRequest, WorkerReply>;
  /** Keeps an address for the broker: while a killed one is away, anybody may be given its port. */
  #wire: Wire | undefined;
  readonly #sharedAccessKey = randomUUID();
  #connectionString = '';
  #clients!: MessagingClients;
  #events!: RegistryEventPublisher;
  #plan: FaultPlan | undefined;
  #before: { deadLettered: number; outcomes: Set<string> } = { deadLettered: 0, outcomes: new Set() };
  #closing = false;
  /** Settled when everybody is alive. */
  #restored: Promise<void> = Promise.resolve();
  kills = { broker: 0, worker: 0 };

  private constructor(folder: string) {
    this.#folder = folder;
    this.#effectsFile = join(folder, 'effects');
    this.#killsFile = join(folder, 'kills');
  }

  /** `folder`: an empty one. */
  static async start(folder: string): Promise<ProcessWorld> {
    const world = new ProcessWorld(folder);
    writeFileSync(world.#effectsFile, '');
    writeFileSync(world.#killsFile, '');
    await world.#startBroker();
    world.#clients = new MessagingClients(messagingSettingsFor(world.#connectionString, tuning));
    world.#events = new RegistryEventPublisher(world.#clients);
    await world.#startWorker();
    return world;
  }

  /** Runs one seed to its end. @returns what is wrong, with what was done; undefined when nothing is */
  async run(plan: FaultPlan): Promise<string | undefined> {
    this.#plan = plan;
    const history = new History();
    await this.#restored;
    await this.#beginBoth();
    await Promise.all(plan.order.map((index) => this.#publish(plan.images[index]?.name ?? '', history)));
    const remains = await this.#settled();
    await this.#restartBroker();
    await this.#complete(history, plan);
    const deadLettered = remains.deadLettered - this.#before.deadLettered;
    const problems = checkHistory(plan, history, { ...remains, deadLettered });
    this.#before = { deadLettered: remains.deadLettered, outcomes: history.outcomes };
    if (problems.length === 0) return undefined;
    return `seed ${plan.seed}: ${problems.join('; ')}\n${JSON.stringify(plan)}\n${history.toString()}`;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#clients.close();
    await Promise.all([this.#worker.kill(), this.#broker.kill()]);
    this.#wire?.cut();
  }

  async #startBroker(): Promise<void> {
    const args = [join(this.#folder, 'broker'), this.#sharedAccessKey];
    const broker = new MortalProcess<BrokerRequest, BrokerReply>('broker-process.js', args);
    this.#broker = broker;
    const ready = await broker.next('ready');
    if (ready === undefined) {
      this.#explainDeath('broker');
      return;
    }
    this.#wire ??= await Wire.to(ready.port);
    this.#wire.up(ready.port);
    this.#connectionString = this.#wire.through(ready.connectionString);
    void broker.died.then(() => {
      this.#wire?.down();
      this.#onDeath('broker', () => this.#startBroker());
    });
  }

  async #startWorker(): Promise<void> {
    const args = [this.#connectionString, this.#effectsFile];
    const worker = new MortalProcess<WorkerRequest, WorkerReply>('worker-process.js', args);
    this.#worker = worker;
    if ((await worker.next('ready')) === undefined) {
      this.#explainDeath('worker');
      return;
    }
    void worker.died.then(() => this.#onDeath('worker', () => this.#startWorker()));
  }

  /** @throws Error unless it was killed because everything ends */
  #explainDeath(who: string): void {
    if (!this.#closing) throw new Error(`the ${who} did not start`);
  }

  /**
   * What is read of it next was on its disk. And a kill that was ordered for the last step, and may strike only now, no longer
   * strikes while it is read, which would have the SDK wait for 30 s before it asks again.
   */
  async #restartBroker(): Promise<void> {
    await this.#broker.kill();
    await this.#restored;
  }

  #onDeath(who: 'broker' | 'worker', start: () => Promise<void>): void {
    if (this.#closing) return;
    this.kills[who] += 1;
    this.#restored = this.#restored.then(start).then(() => this.#beginBoth());
  }

  /** Both, since each must know whom it would kill. */
  async #beginBoth(): Promise<void> {
    if (this.#plan === undefined) return;
    const orders: KillOrders = {
      plan: withoutKills(this.#plan, this.#killsFile),
      brokerPid: this.#broker.pid,
      workerPid: this.#worker.pid,
      killsFile: this.#killsFile,
    };
    await this.#broker.ask({ kind: 'begin', orders }, 'begun');
    await this.#worker.ask({ kind: 'begin', orders }, 'begun');
  }

  async #publish(image: string, history: History): Promise<void> {
    for (let accepted = false; !accepted;) {
      accepted = await this.#events.publish(pushOf(image)).then(
        () => true,
        () => false,
      );
    }
    history.accepted.add(image);
  }

  async #settled(): Promise<Remains> {
    const end = performance.now() + giveUpMs;
    for (;;) {
      await this.#restored;
      const answer = await this.#broker.ask({ kind: 'remains' }, 'remains');
      if (answer?.remains.pending === 0) return answer.remains;
      if (performance.now() > end) return answer?.remains ?? { pending: Number.NaN, deadLettered: 0 };
      await pause(lookEveryMs);
    }
  }

  /** Adds what the registry and the event hub have kept. What was delivered, a killed broker cannot tell. */
  async #complete(history: History, plan: FaultPlan): Promise<void> {
    for (const line of readFileSync(this.#effectsFile, 'utf8').split('\n').filter(Boolean)) {
      const effect = JSON.parse(line) as Effect;
      if (plan.images.some(({ name }) => name === effect.image)) history.act(effect);
    }
    history.deliveries.scan = history.deliveries.sync = Number.POSITIVE_INFINITY;
    for (const id of this.#before.outcomes) history.earlier.add(id);
    const expected = expectedOutcomes(plan);
    const poison = plan.images.filter((image) => image.poison).length;
    const wanted = this.#before.outcomes.size + expected.length + poison;
    const stored = await readStoredOutcomes(this.#clients, {
      until: (ids) => ids.size >= wanted && expected.every(({ id }) => ids.has(id)),
      giveUpMs,
    });
    for (const id of stored.keys()) history.outcomes.add(id);
  }
}
