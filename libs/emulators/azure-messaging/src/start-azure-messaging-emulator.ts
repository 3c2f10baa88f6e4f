import { DEFAULT_KEY, DEFAULT_KEY_NAME, type EmulatorOptions } from './emulator-options.js';
import {
  type EntityStats,
  eventHubStats,
  type EventHubStats,
  outletStats,
  topicStats,
} from './entity-stats.js';
import { Broker } from './engine/broker.js';
import { systemClock } from './engine/clock.js';
import { EngineError } from './engine/engine-error.js';
import { replayRecord, snapshot } from './engine/recovery.js';
import type { Topic } from './engine/topic.js';
import { AmqpListener } from './protocol/amqp-listener.js';
import type { SharedAccessKey } from './protocol/sas-token.js';
import { readIncomingMessage } from './protocol/incoming-message.js';
import { openFolderStorage } from './storage/folder-storage.js';
import { memoryStorage } from './storage/memory-storage.js';
import type { Storage } from './storage/storage.js';

export interface AzureMessagingEmulator {
  readonly port: number;
  /** For the constructors of the Azure clients, `UseDevelopmentEmulator=true` included. */
  readonly connectionString: string;
  /** Of a topic or queue. Throws EngineError `entity-not-found`. */
  topicStats(topic: string): EntityStats;
  subscriptionStats(topic: string, subscription: string): EntityStats;
  eventHubStats(eventHub: string): EventHubStats;
  /** Cuts every connection, as a broken network would; clients may come back at once. For tests. */
  dropConnections(): void;
  /** Drops all connections, stops all timers and, with a folder, finishes writing. */
  close(): Promise<void>;
}

const DEFAULT_HOST = '127.0.0.1';

/**
 * Starts a local stand-in for Azure Service Bus and Event Hubs that the unchanged Azure clients can use. Rejects with
 * StorageError when the folder cannot be used, FilterError for a rule that cannot be compiled, and as node does when the
 * port is taken.
 */
export async function startAzureMessagingEmulator(options: EmulatorOptions): Promise<AzureMessagingEmulator> {
  const { host = DEFAULT_HOST } = options;
  const key = {
    name: options.sharedAccessKeyName ?? DEFAULT_KEY_NAME,
    key: options.sharedAccessKey ?? DEFAULT_KEY,
  };
  const storage = options.storage === 'memory' ? memoryStorage : await openFolderStorage(options.storage);
  const closers = [(): Promise<void> => storage.close()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const broker = await recover(options, storage);
    closers.push(() => {
      broker.close();
      return Promise.resolve();
    });
    const clock = options.clock ?? systemClock;
    const listener = new AmqpListener({ broker, clock, key, interceptor: options.intercept });
    closers.push(() => listener.close());
    const port = await listener.listen(options.port, host);
    const connectionString = `Endpoint=sb://${connectableHost(host)}:${port};${credentials(key)};UseDevelopmentEmulator=true;`;
    const dropConnections = (): void => listener.dropConnections();
    return { port, connectionString, close, dropConnections, ...statsOf(broker) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A broker with everything that the storage kept. Names and rules are checked before anything is written. */
async function recover(options: EmulatorOptions, storage: Storage): Promise<Broker> {
  const { clock = systemClock, topics, queues = [], eventHubs } = options;
  const broker = new Broker({ clock, journal: storage.journal, topics, queues, eventHubs });
  storage.replay((entry) => replayRecord(broker, entry, readIncomingMessage));
  await storage.begin(() => snapshot(broker));
  broker.open();
  return broker;
}

function statsOf(
  broker: Broker,
): Pick<AzureMessagingEmulator, 'topicStats' | 'subscriptionStats' | 'eventHubStats'> {
  return {
    topicStats: (name) => topicStats(findTopic(broker, name)),
    subscriptionStats: (name, subscription) => subscriptionStats(findTopic(broker, name), subscription),
    eventHubStats: (name) => eventHubStats(broker.eventHub(name) ?? notFound(name)),
  };
}

function credentials({ name, key }: SharedAccessKey): string {
  return `SharedAccessKeyName=${name};SharedAccessKey=${key}`;
}

function findTopic(broker: Broker, name: string): Topic {
  return broker.topic(name) ?? notFound(name);
}

function subscriptionStats(topic: Topic, subscription: string): EntityStats {
  const outlet = topic.outlets.find(({ name }) => name.toLowerCase() === subscription.toLowerCase());
  return outletStats(topic, outlet ?? notFound(`${topic.name}/Subscriptions/${subscription}`));
}

/** A client cannot connect to "every address", and the clients' parser wants IPv6 addresses in brackets. */
function connectableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return DEFAULT_HOST;
  return host.includes(':') ? `[${host}]` : host;
}

function notFound(name: string): never {
  throw new EngineError('entity-not-found', `The emulator has no entity called '${name}'.`);
}
