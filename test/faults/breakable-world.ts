import { setTimeout as pause } from 'node:timers/promises';
import { MessagingClients, messagingSettingsFor } from '@pratique/messaging';
import type { Conduct } from './conduct.js';
import type { FaultInjector } from './fault-injector.js';
import type { Breakage } from './fault-plan.js';
import type { JumpingClock } from './jumping-clock.js';
import { Wire } from './wire.js';
import { tuning, Worker } from './worker.js';
import { lockMs, WorldBroker, type WorldBrokerOptions } from './world-broker.js';

/** By then the broker has noticed that a connection is gone. */
const noticedMs = 5;
const tenMinutes = 10 * 60 * 1000;

export interface WorldOptions extends Pick<WorldBrokerOptions, 'duplicateDetection' | 'newFolder'> {
  /** Collects what dead workers leave in this process for some seconds. */
  dying: Set<Promise<void>>;
  /** What workers do. */
  conduct: Conduct;
}

interface Connected {
  wire: Wire;
  worker: Worker;
}

/** The broker, the publisher's connection and the worker with its own, and every way in which they break and come back. */
export class BreakableWorld {
  #worker: Promise<Connected> | undefined;
  /** The same, once it has started. */
  #running: Connected | undefined;
  /** Settled when the broker is there for everybody. */
  #restored = Promise.resolve();
  readonly #ways: Record<Breakage, (worker: Connected) => void> = {
    kill: (worker) => {
      this.#kill(worker);
      this.#worker = this.#newWorker();
      // In life its locks run out a minute later, of themselves.
      setTimeout(() => this.endLocks(), noticedMs);
    },
    stop: ({ worker, wire }) => {
      this.options.dying.add(worker.stop().then(() => wire.cut()));
      this.#worker = this.#newWorker();
    },
    'lose locks': () => this.endLocks(),
    disconnect: ({ wire }) => wire.drop(),
    silence: ({ wire }) => wire.mute(),
    outage: ({ wire }) => {
      wire.down();
      void this.endOutage();
    },
    'long outage': () => this.#restore(() => this.#beAway()),
    'kill broker': () => this.#restore(() => this.#replaceBroker()),
    'disk full': () => {
      this.broker.fillDisk();
      this.#restore(() => this.#makeRoom());
    },
  };

  private constructor(
    private readonly options: WorldOptions,
    private readonly parts: {
      clock: JumpingClock;
      injector: FaultInjector;
      broker: WorldBroker;
      publisherWire: Wire;
    },
  ) {}

  static async start(
    options: WorldOptions,
    { clock, injector }: { clock: JumpingClock; injector: FaultInjector },
  ): Promise<BreakableWorld> {
    const intercept = injector.decide.bind(injector);
    const broker = await WorldBroker.start({ ...options, clock, intercept });
    const publisherWire = await Wire.to(broker.port);
    return new BreakableWorld(options, { clock, injector, broker, publisherWire });
  }

  get broker(): WorldBroker {
    return this.parts.broker;
  }

  get restored(): Promise<void> {
    return this.#restored;
  }

  /** Clients that are not a worker's. */
  newClients(): MessagingClients {
    const { broker, publisherWire } = this.parts;
    return new MessagingClients(messagingSettingsFor(publisherWire.through(broker.connectionString), tuning));
  }

  /** Has a worker, a new one when there is none; `down`: while the broker is away. */
  async haveWorker({ down }: { down: boolean }): Promise<void> {
    if (down) await this.#bury();
    this.#worker ??= this.#newWorker(down);
    await this.#worker;
  }

  breakIn(breakage: Breakage): void {
    if (this.#running !== undefined) this.#ways[breakage](this.#running);
  }

  endLocks(): void {
    this.parts.clock.jump(lockMs);
  }

  async endOutage(): Promise<void> {
    await pause(this.parts.injector.random.between(5, 50));
    (await this.#worker)?.wire.up();
    this.parts.injector.history.note('the broker is there');
  }

  async close(): Promise<void> {
    await this.#bury();
    this.parts.publisherWire.cut();
    await this.broker.close();
  }

  async #newWorker(down = false): Promise<Connected> {
    const { broker, injector } = this.parts;
    const wire = await Wire.to(broker.port);
    if (down) wire.down();
    const worker = Worker.start({
      connectionString: wire.through(broker.connectionString),
      conduct: this.options.conduct,
      act: (effect) => injector.history.act(effect),
      reach: (step) => void injector.reach(step),
      isSpent: injector.isSpent.bind(injector),
      runIntoTrouble: injector.runIntoTrouble.bind(injector),
    });
    this.#running = { wire, worker };
    return this.#running;
  }

  async #bury(): Promise<void> {
    const connected = await this.#worker;
    if (connected !== undefined) this.#kill(connected);
  }

  #kill({ wire, worker }: Connected): void {
    wire.cut();
    this.options.dying.add(worker.kill());
    this.#worker = undefined;
    this.#running = undefined;
  }

  #restore(how: () => Promise<void>): void {
    this.#restored = this.#restored.then(how);
  }

  async #replaceBroker(): Promise<void> {
    this.parts.publisherWire.down();
    (await this.#worker)?.wire.down();
    const { deadIsGone } = await this.broker.replace();
    this.parts.publisherWire.up(this.broker.port);
    (await this.#worker)?.wire.up(this.broker.port);
    this.parts.injector.history.note('the broker is there, with what the one before had written');
    await deadIsGone;
  }

  async #makeRoom(): Promise<void> {
    await pause(this.parts.injector.random.between(10, 100));
    await this.#replaceBroker();
  }

  /** Away for everybody. The clients' own times are a hundredth of those in production. */
  async #beAway(): Promise<void> {
    this.parts.publisherWire.down();
    (await this.#worker)?.wire.down();
    await pause(this.parts.injector.random.between(1_000, 2_000));
    this.parts.clock.jump(tenMinutes);
    this.parts.publisherWire.up();
    (await this.#worker)?.wire.up();
    this.parts.injector.history.note('the broker is there, after ten minutes');
  }
}
