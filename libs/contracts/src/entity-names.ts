import { registryEventType, type RegistryEventName } from './registry-event.js';

/** The one place that names what exists on Service Bus and Event Hubs. */

/** The topic that carries every registry event. */
export const registryEventsTopic = 'registry-events';

/** Which registry events each service is sent. */
export const subscriptions = {
  scan: ['pushed', 'quarantined'],
  promotion: ['pushed', 'cleared'],
  sync: ['pushed', 'cleared', 'approved', 'deleted'],
  audit: ['pushed', 'deleted', 'quarantined', 'cleared', 'approved'],
} as const satisfies Record<string, readonly RegistryEventName[]>;
export type SubscriptionName = keyof typeof subscriptions;

/** The event hub to which every outcome is appended. */
export const outcomesEventHub = 'outcomes';

/** Who reads the outcomes: each reader has a consumer group of its own, and so a position of its own. */
export const outcomeConsumerGroups = { audit: 'audit' } as const;

/**
 * Application property of a message that is delivered again after a failure: only the subscription it names takes it.
 * A retry is a scheduled copy sent to the topic, and the other subscriptions have done their part already.
 */
export const redeliverToProperty = 'pratique_redeliver_to';

/** The SQL filter by which a subscription takes its types of events, once, and its own redeliveries. */
export function subscriptionFilter(subscription: SubscriptionName): string {
  const types = subscriptions[subscription].map((name) => `'${registryEventType[name]}'`).join(', ');
  return (
    `cloudEvents_type IN (${types})` +
    ` AND (${redeliverToProperty} IS NULL OR ${redeliverToProperty} = '${subscription}')`
  );
}
