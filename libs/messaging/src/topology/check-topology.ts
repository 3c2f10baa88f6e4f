import type { ServiceBusAdministrationClient } from '@azure/service-bus';
import { MessagingClients } from '../messaging-clients.js';
import { type MessagingTopology, messagingTopology, type TopicDeclaration } from '../messaging-topology.js';
import type { MessagingSettings } from '../messaging.settings.js';
import { administering } from './administration-call.js';
import { compareEventHub } from './compare-event-hub.js';
import { compareTopic } from './compare-topology.js';
import {
  brokerHost,
  connectAdministration,
  connectDevelopmentAdministration,
  developmentBroker,
} from './connect-administration.js';
import { lookAtEventHub } from './look-at-event-hub.js';
import { lookAtTopic } from './look-through-amqp.js';
import { readTopic } from './read-topology.js';
import type { TopologyFinding } from './topology-finding.js';
import type { ActualTopic } from './topology-state.js';

export interface TopologyOptions {
  /** What should exist; by default everything that Pratique needs. */
  topology?: MessagingTopology;
  /** Where a development emulator has its administration API. Pratique's own has none, Microsoft's has it at 5300. */
  managementPort?: number | undefined;
  /** Told of each entity before it is looked at. */
  onProgress?: (entity: string) => void;
}

export interface TopologyReport {
  /** The hosts that were asked, Service Bus first. */
  brokers: string[];
  findings: TopologyFinding[];
  /** What could not be looked at, in sentences. */
  unverified: string[];
}

/**
 * Compares what is declared with what exists on Service Bus and Event Hubs. Nothing is changed.
 *
 * @throws TopologyError when a broker cannot be asked
 */
export async function checkTopology(
  settings: MessagingSettings,
  options: TopologyOptions = {},
): Promise<TopologyReport> {
  const { topology = messagingTopology(), onProgress } = options;
  const brokers = [brokerHost(settings.serviceBus), brokerHost(settings.eventHubs)];
  const findings: TopologyFinding[] = [];
  const unverified: string[] = [];
  await withTopicReader(settings, options, async (read) => {
    for (const topic of topology.topics) {
      onProgress?.(`topic ${topic.name}`);
      const actual = await read(topic);
      findings.push(...compareTopic(topic, actual));
      unverified.push(...unseen(actual));
    }
  });
  for (const hub of topology.eventHubs) {
    onProgress?.(`event hub ${hub.name}`);
    findings.push(
      ...compareEventHub(hub, await lookAtEventHub(settings, hub), brokerHost(settings.eventHubs)),
    );
  }
  return { brokers, findings, unverified };
}

/** The administration API of the broker; `undefined` for an emulator whose port for it is not known. */
export function administrationOf(
  { serviceBus, retry }: MessagingSettings,
  { managementPort: port }: Pick<TopologyOptions, 'managementPort'>,
): ServiceBusAdministrationClient | undefined {
  const emulator = developmentBroker(serviceBus);
  if (emulator === undefined) return connectAdministration(serviceBus, retry);
  return port === undefined ? undefined : connectDevelopmentAdministration(emulator, { port, retry });
}

type ReadTopic = (declared: TopicDeclaration) => Promise<ActualTopic | undefined>;

async function withTopicReader(
  settings: MessagingSettings,
  options: TopologyOptions,
  use: (read: ReadTopic) => Promise<void>,
): Promise<void> {
  const administration = administrationOf(settings, options);
  if (administration !== undefined) {
    const host = brokerHost(settings.serviceBus);
    return use((declared) => administering(host, () => readTopic(administration, namesOf(declared))));
  }
  const clients = new MessagingClients(settings);
  try {
    await use((declared) => lookAtTopic(clients.serviceBus(), namesOf(declared)));
  } finally {
    await clients.close();
  }
}

function namesOf({ name, subscriptions }: TopicDeclaration): { name: string; subscriptions: string[] } {
  return { name, subscriptions: subscriptions.map((subscription) => subscription.name) };
}

function unseen(topic: ActualTopic | undefined): string[] {
  if (topic === undefined) return [];
  const bare = topic.subscriptions.filter(({ rules }) => rules === undefined).map(({ name }) => name);
  return [
    ...(topic.settings === undefined
      ? [`The window for duplicates, lock durations and delivery counts of ${topic.name} cannot be seen here`]
      : []),
    ...(bare.length > 0 ? [`The rules of ${bare.join(', ')} cannot be seen here`] : []),
  ];
}
