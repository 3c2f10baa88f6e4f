import { type RegistryEvent, registryEventType, subscriptions } from '@pratique/contracts';
import {
  type Delivery,
  MessagingClients,
  messagingSettingsFor,
  OutcomePublisher,
  RegistryEventPublisher,
  ServiceBusServer,
} from '@pratique/messaging';
import { type Conduct, type Service, services, type Task } from './conduct.js';
import type { Step } from './fault-plan.js';
import type { Effect } from './history.js';

/**
 * As in production, but for times: nothing waits for seconds. A seed has more faults in a second than life has in a year, so
 * more attempts are made before a message counts as poison.
 */
export const tuning: Parameters<typeof messagingSettingsFor>[1] = {
  // Not less: a connection that a busy machine cannot make in the time would be given up for ever.
  retry: { maxRetries: 1, delayMs: 5, maxDelayMs: 20, timeoutMs: 5_000 },
  redelivery: { maxAttempts: 25, baseDelayMs: 1, maxDelayMs: 1 },
  watchdog: { everyMs: 500, timeoutMs: 5_000 },
  concurrency: 16,
  shutdownDeadlineMs: 0,
};

export interface WorkerSurroundings {
  connectionString: string;
  conduct: Conduct;
  act: (effect: Effect) => void;
  /** Whether nobody is interested in an event any more: it is done without a look. */
  isSpent: (event: RegistryEvent) => boolean;
  /** Called when a handler comes to a step of its own. */
  reach: (step: Step) => void;
  /** @throws Error when this attempt at an image is to fail */
  runIntoTrouble: (service: Service, event: RegistryEvent, delivery: Delivery) => void;
}

/** Scan and sync, as far as messages go: the real transport, and a registry that somebody else keeps. */
export class Worker {
  #alive = true;

  private constructor(
    private readonly clients: MessagingClients,
    private readonly servers: ServiceBusServer[],
  ) {}

  static start(surroundings: WorkerSurroundings): Worker {
    const clients = new MessagingClients(messagingSettingsFor(surroundings.connectionString, tuning));
    const outcomes = new OutcomePublisher(clients);
    const events = new RegistryEventPublisher(clients);
    const servers = services.map((subscription) => new ServiceBusServer({ subscription, clients, outcomes }));
    const worker = new Worker(clients, servers);
    servers.forEach((server, index) => {
      const service = services[index] ?? 'scan';
      const handle = worker.#handler(service, { surroundings, outcomes, events });
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
    await this.stop();
  }

  /** As SIGTERM has it. */
  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
    await this.clients.close();
  }

  #handler(
    service: Service,
    {
      surroundings,
      outcomes,
      events,
    }: Pick<Task, 'outcomes' | 'events'> & { surroundings: WorkerSurroundings },
  ): (event: RegistryEvent, delivery?: unknown) => Promise<void> {
    return async (event, context) => {
      const delivery = context as Delivery;
      if (surroundings.isSpent(event)) return;
      await surroundings.conduct({
        service,
        event,
        delivery,
        outcomes,
        events,
        reach: (step) => this.#reach(step, surroundings),
        runIntoTrouble: () => surroundings.runIntoTrouble(service, event, delivery),
        act: surroundings.act,
      });
    };
  }

  async #reach(step: Step, { reach }: WorkerSurroundings): Promise<void> {
    await new Promise(setImmediate);
    if (this.#alive) reach(step);
    if (!this.#alive) await new Promise<never>(() => undefined);
  }
}
