import {
  outcomeConsumerGroups,
  outcomesEventHub,
  registryEventsTopic,
  subscriptionFilter,
  type SubscriptionName,
  subscriptions,
} from '@pratique/contracts';

export interface TopicDeclaration {
  name: string;
  duplicateDetectionWindowMs: number;
  subscriptions: SubscriptionDeclaration[];
}

export interface SubscriptionDeclaration {
  name: string;
  lockDurationMs: number;
  maxDeliveryCount: number;
  rules: { name: string; sql: string }[];
}

export interface EventHubDeclaration {
  name: string;
  partitions: number;
  consumerGroups: string[];
}

export interface MessagingTopology {
  topics: TopicDeclaration[];
  eventHubs: EventHubDeclaration[];
}

const minute = 60 * 1000;

/** Everything that has to exist on Service Bus and Event Hubs, declared once for emulators and deployments. */
export function messagingTopology(): MessagingTopology {
  const names = Object.keys(subscriptions) as SubscriptionName[];
  return {
    topics: [
      {
        name: registryEventsTopic,
        // Long enough for a publisher that timed out and tries again; Azure's default.
        duplicateDetectionWindowMs: 10 * minute,
        subscriptions: names.map((name) => ({
          name,
          // Locks are renewed while a handler works; this is how long a dead worker's messages wait for another.
          lockDurationMs: minute,
          // Counts crashes and shutdowns only: after a failure the message comes again as a copy, whose count starts anew.
          maxDeliveryCount: 10,
          rules: [{ name: 'registry-events', sql: subscriptionFilter(name) }],
        })),
      },
    ],
    eventHubs: [
      { name: outcomesEventHub, partitions: 4, consumerGroups: Object.values(outcomeConsumerGroups) },
    ],
  };
}
