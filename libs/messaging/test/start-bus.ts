import { type ServiceBusMessage, type ServiceBusReceivedMessage } from '@azure/service-bus';
import {
  type Outcome,
  outcomeConsumerGroups,
  registryEventsTopic,
  type SubscriptionName,
} from '@pratique/contracts';
import {
  type AzureMessagingEmulator,
  type EmulatorOptions,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import { inMemoryCheckpointStore } from '../src/checkpoint-store.js';
import { MessagingClients } from '../src/messaging-clients.js';
import { latch } from './latch.js';
import { type MessagingSettings, messagingSettingsFor } from '../src/messaging.settings.js';
import { messagingTopology } from '../src/messaging-topology.js';
import { OutcomePublisher } from '../src/outcome.publisher.js';
import { OutcomeReader } from '../src/outcome-reader.js';
import { RegistryEventPublisher } from '../src/registry-event.publisher.js';

type Overrides = NonNullable<Parameters<typeof messagingSettingsFor>[1]>;

/** Fast enough for tests, and otherwise as in production. */
const testTuning: Overrides = {
  retry: { maxRetries: 1, delayMs: 20, maxDelayMs: 50, timeoutMs: 2_000 },
  redelivery: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 1 },
  shutdownDeadlineMs: 5_000,
};

/** A broker with everything that Pratique needs, and clients of the test's own. */
export interface Bus {
  emulator: AzureMessagingEmulator;
  settings: MessagingSettings;
  clients: MessagingClients;
  events: RegistryEventPublisher;
  outcomes: OutcomePublisher;
  /** Sends a message that no publisher would send. */
  sendRaw(message: ServiceBusMessage): Promise<void>;
  /** Waits for so many dead letters of a subscription. */
  deadLetters(subscription: SubscriptionName, count: number): Promise<ServiceBusReceivedMessage[]>;
  /** Waits for so many outcomes on the event hub. */
  outcomesUntil(count: number): Promise<Outcome[]>;
  close(): Promise<void>;
}

export async function startBus(
  options: Pick<EmulatorOptions, 'clock' | 'intercept'> & {
    lockDurationMs?: number;
    tuning?: Overrides;
  } = {},
): Promise<Bus> {
  const { tuning, lockDurationMs, ...rest } = options;
  const { topics, eventHubs } = messagingTopology();
  if (lockDurationMs !== undefined) {
    for (const subscription of topics.flatMap((topic) => topic.subscriptions)) {
      subscription.lockDurationMs = lockDurationMs;
    }
  }
  const emulator = await startAzureMessagingEmulator({
    port: 0,
    storage: 'memory',
    topics,
    eventHubs,
    ...rest,
  });
  const settings = messagingSettingsFor(emulator.connectionString, { ...testTuning, ...tuning });
  const clients = new MessagingClients(settings);
  return {
    emulator,
    settings,
    clients,
    events: new RegistryEventPublisher(clients),
    outcomes: new OutcomePublisher(clients),
    sendRaw: (message) => clients.topic.send([message]),
    deadLetters: (subscription, count) => deadLetters(clients, subscription, count),
    outcomesUntil: (count) => outcomesUntil(clients, count),
    close: async () => {
      await clients.close();
      await emulator.close();
    },
  };
}

async function deadLetters(
  clients: MessagingClients,
  subscription: SubscriptionName,
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const receiver = clients
    .serviceBus()
    .createReceiver(registryEventsTopic, subscription, { subQueueType: 'deadLetter' });
  const letters: ServiceBusReceivedMessage[] = [];
  while (letters.length < count) letters.push(...(await receiver.receiveMessages(count - letters.length)));
  await receiver.close();
  return letters;
}

async function outcomesUntil(clients: MessagingClients, count: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const enough = latch();
  const reader = new OutcomeReader(clients, {
    consumerGroup: outcomeConsumerGroups.audit,
    checkpoints: inMemoryCheckpointStore(),
    handle: (batch) => {
      outcomes.push(...batch.outcomes.map(({ outcome }) => outcome));
      if (outcomes.length >= count) enough.open();
      return Promise.resolve();
    },
  });
  reader.start();
  await enough.opened;
  await reader.close();
  return outcomes;
}
