import type {
  EventHubDeclaration,
  MessagingTopology,
  SubscriptionDeclaration,
  TopicDeclaration,
} from '../messaging-topology.js';
import { isoDuration } from './iso-duration.js';

const minute = 60_000;

/**
 * The limits of Microsoft's emulators, which are lower than those of the services they stand for.
 *
 * https://github.com/Azure/azure-service-bus-emulator-installer/blob/main/ServiceBus-Emulator/Schema/Config-schema.json
 */
const limits = {
  duplicateDetectionWindowMs: 5 * minute,
  minLockDurationMs: minute,
  maxLockDurationMs: 5 * minute,
  maxDeliveryCount: 10,
} as const;

// Messages do not live longer than this there, whatever is declared.
const longestTimeToLive = 'PT1H';

/** `Config.json` of Microsoft's Service Bus emulator. What is declared beyond its limits is cut down to them. */
export function serviceBusEmulatorConfig({ topics }: Pick<MessagingTopology, 'topics'>): object {
  // The emulator has one namespace, of this name.
  const namespace = { Name: 'sbemulatorns', Queues: [], Topics: topics.map(topicConfig) };
  return { UserConfig: { Namespaces: [namespace], Logging: { Type: 'Console' } } };
}

function topicConfig({ name, duplicateDetectionWindowMs, subscriptions }: TopicDeclaration): object {
  return {
    Name: name,
    Properties: {
      DefaultMessageTimeToLive: longestTimeToLive,
      DuplicateDetectionHistoryTimeWindow: isoDuration(
        Math.min(duplicateDetectionWindowMs, limits.duplicateDetectionWindowMs),
      ),
      RequiresDuplicateDetection: true,
    },
    Subscriptions: subscriptions.map(subscriptionConfig),
  };
}

function subscriptionConfig({
  name,
  lockDurationMs,
  maxDeliveryCount,
  rules,
}: SubscriptionDeclaration): object {
  const lockMs = Math.max(limits.minLockDurationMs, Math.min(lockDurationMs, limits.maxLockDurationMs));
  return {
    Name: name,
    Properties: {
      DeadLetteringOnMessageExpiration: true,
      DefaultMessageTimeToLive: longestTimeToLive,
      LockDuration: isoDuration(lockMs),
      MaxDeliveryCount: Math.min(maxDeliveryCount, limits.maxDeliveryCount),
      ForwardDeadLetteredMessagesTo: '',
      ForwardTo: '',
      RequiresSession: false,
    },
    Rules: rules.map((rule) => ({
      Name: rule.name,
      Properties: { FilterType: 'Sql', SqlFilter: { SqlExpression: rule.sql } },
    })),
  };
}

/**
 * `Config.json` of Microsoft's Event Hubs emulator.
 *
 * https://github.com/Azure/azure-event-hubs-emulator-installer/blob/main/EventHub-Emulator/Schema/Config-schema.json
 */
export function eventHubsEmulatorConfig({ eventHubs }: Pick<MessagingTopology, 'eventHubs'>): object {
  const namespace = { Type: 'EventHub', Name: 'emulatorNs1', Entities: eventHubs.map(eventHubConfig) };
  return { UserConfig: { NamespaceConfig: [namespace], LoggingConfig: { Type: 'Console' } } };
}

function eventHubConfig({ name, partitions, consumerGroups }: EventHubDeclaration): object {
  return {
    Name: name,
    // A string, says its schema.
    PartitionCount: String(partitions),
    ConsumerGroups: consumerGroups.map((group) => ({ Name: group })),
  };
}
