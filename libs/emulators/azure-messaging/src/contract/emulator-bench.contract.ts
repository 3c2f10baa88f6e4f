import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';

import {
  type AzureMessagingEmulator,
  type EmulatorOptions,
  ManualClock,
  startAzureMessagingEmulator,
} from '../index.js';

/** Low, so that a mistake fails quickly: the clients' own defaults wait for up to a minute. */
const retryOptions = { maxRetries: 0, retryDelayInMs: 50, maxRetryDelayInMs: 100, timeoutInMs: 4000 };

/** For clients whose operation is never answered: their own timer must end within the test. */
const DYING = { ...retryOptions, timeoutInMs: 1000 };

type BenchOptions = Partial<Omit<EmulatorOptions, 'port' | 'storage' | 'clock'>>;

export interface Bench {
  readonly emulator: AzureMessagingEmulator;
  readonly clock: ManualClock;
  serviceBus(connectionString?: string): ServiceBusClient;
  dyingServiceBus(): ServiceBusClient;
  producer(hub: string): EventHubProducerClient;
  dyingProducer(hub: string): EventHubProducerClient;
  consumer(hub: string, group?: string): EventHubConsumerClient;
}

interface Closable {
  close(): Promise<void>;
}

/** Gives each test its own emulator, clock and real clients, all closed when it ends. */
export function emulatorBench(
  storage: () => EmulatorOptions['storage'],
): (options: BenchOptions) => Promise<Bench> {
  const opened: Closable[] = [];
  afterEach(async () => {
    for (const closable of opened.splice(0).reverse()) await closable.close();
  });
  function keep<T extends Closable>(closable: T): T {
    opened.push(closable);
    return closable;
  }
  return async (options) => {
    const clock = new ManualClock();
    const base = { port: 0, storage: storage(), clock, topics: [], eventHubs: [] };
    const emulator = keep(await startAzureMessagingEmulator({ ...base, ...options }));
    const { connectionString } = emulator;
    return {
      emulator,
      clock,
      serviceBus: (given = connectionString) => keep(new ServiceBusClient(given, { retryOptions })),
      dyingServiceBus: () => keep(new ServiceBusClient(connectionString, { retryOptions: DYING })),
      dyingProducer: (hub) =>
        keep(new EventHubProducerClient(connectionString, hub, { retryOptions: DYING })),
      producer: (hub) => keep(new EventHubProducerClient(connectionString, hub, { retryOptions })),
      consumer: (hub, group = '$Default') =>
        keep(new EventHubConsumerClient(group, connectionString, hub, { retryOptions })),
    };
  };
}

/** Receives exactly so many messages, however many calls it takes. */
export async function receive(
  receiver: {
    receiveMessages(max: number, options: { maxWaitTimeInMs: number }): Promise<ServiceBusReceivedMessage[]>;
  },
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const received: ServiceBusReceivedMessage[] = [];
  while (received.length < count) {
    const batch = await receiver.receiveMessages(count - received.length, { maxWaitTimeInMs: 3000 });
    if (batch.length === 0) throw new Error(`Only ${received.length} of ${count} messages came.`);
    received.push(...batch);
  }
  return received;
}

/** Receives one message. */
export async function receiveOne(
  receiver: Parameters<typeof receive>[0],
): Promise<ServiceBusReceivedMessage> {
  const [message] = await receive(receiver, 1);
  if (message === undefined) throw new Error('No message came.');
  return message;
}
