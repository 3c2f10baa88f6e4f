import {
  type RegistryEvent,
  registryEventType,
  type SubscriptionName,
  subscriptions,
} from '@pratique/contracts';
import {
  type Delivery,
  MessagingClients,
  messagingSettingsFor,
  OutcomePublisher,
  RegistryEventPublisher,
  RetryLater,
  ServiceBusServer,
} from '@pratique/messaging';
import type { Step } from './fault-plan.js';
import type { History } from './history.js';
import { clearanceOf, scanOutcome, syncOutcome } from './images.js';
import { Wire } from './wire.js';

/**
 * As in production, but for times: nothing waits for seconds. A seed has more faults in a second than life has in a year, so
 * more attempts are made before a message counts as poison.
 */
export const tuning: Parameters<typeof messagingSettingsFor>[1] = {
  retry: { maxRetries: 1, delayMs: 5, maxDelayMs: 20, timeoutMs: 500 },
  redelivery: { maxAttempts: 25, baseDelayMs: 1, maxDelayMs: 1 },
  watchdog: { everyMs: 500, timeoutMs: 500 },
  concurrency: 16,
  shutdownDeadlineMs: 0,
};

/** The services whose work is watched, and what they are to do to an image. */
export const services = ['scan', 'sync'] as const satisfies SubscriptionName[];

export interface WorkerSurroundings {
  connectionString: string;
  brokerPort: number;
  history: () => History;
  /** Called when a handler comes to a step of its own. */
  reach: (step: Step) => void;
  /** Whether this attempt at an image is to fail, and how. */
  trouble: (service: string, event: RegistryEvent, delivery: Delivery) => 'bug' | 'busy' | undefined;
}

/** Scan and sync, as far as messages go: the real transport, and a registry that is a note in the history. */
export class Worker {
  #alive = true;

  private constructor(
    readonly wire: Wire,
    private readonly clients: MessagingClients,
    private readonly servers: ServiceBusServer[],
  ) {}

  static async start(surroundings: WorkerSurroundings, { down = false } = {}): Promise<Worker> {
    const wire = await Wire.to(surroundings.brokerPort);
    if (down) wire.down();
    const clients = new MessagingClients(
      messagingSettingsFor(wire.through(surroundings.connectionString), tuning),
    );
    const outcomes = new OutcomePublisher(clients);
    const servers = services.map((subscription) => new ServiceBusServer({ subscription, clients, outcomes }));
    const worker = new Worker(wire, clients, servers);
    const events = new RegistryEventPublisher(clients);
    servers.forEach((server, index) => {
      const service = services[index] ?? 'scan';
      const handle = worker.#handler(service, { ...surroundings, outcomes, events });
      for (const name of subscriptions[service]) server.addHandler(registryEventType[name], handle, true);
      server.listen((error) => {
        if (error !== undefined) throw error as Error;
      });
    });
    return worker;
  }

  /** To everybody else it is dead at once; resolves when what lives on in this process is gone as well. */
  async kill(): Promise<void> {
    this.#alive = false;
    this.wire.cut();
    await Promise.all(this.servers.map((server) => server.close()));
    await this.clients.close();
  }

  #handler(
    service: (typeof services)[number],
    context: WorkerSurroundings & { outcomes: OutcomePublisher; events: RegistryEventPublisher },
  ): (event: RegistryEvent, delivery?: unknown) => Promise<void> {
    const { history, outcomes, events } = context;
    return async (event, delivery) => {
      await this.#reach('before the effect', context);
      const trouble = context.trouble(service, event, delivery as Delivery);
      if (trouble === 'bug') throw new TypeError('poison');
      if (trouble === 'busy') throw new RetryLater('the registry is busy');
      const image = event.data.repository;
      if (service === 'scan') {
        history().effect('released', image);
        await this.#reach('after the effect', context);
        await outcomes.publish(scanOutcome(event));
        await events.publish(clearanceOf(event));
      } else if (event.type === registryEventType.cleared) {
        history().effect('copied', image);
        await this.#reach('after the effect', context);
        await outcomes.publish(syncOutcome(event));
      }
    };
  }

  /** A place where the process may die: a dead one goes no further. */
  async #reach(step: Step, { reach }: WorkerSurroundings): Promise<void> {
    await new Promise(setImmediate);
    if (this.#alive) reach(step);
    if (!this.#alive) await new Promise<never>(() => undefined);
  }
}
