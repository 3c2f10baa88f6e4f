import type {
  RuleProperties,
  ServiceBusAdministrationClient,
  SubscriptionProperties,
  TopicProperties,
} from '@azure/service-bus';
import { callOptions, orMissing } from './administration-call.js';
import { millisecondsOf } from './iso-duration.js';
import type {
  ActualRule,
  ActualSubscription,
  ActualTopic,
  SubscriptionSettings,
  TopicSettings,
} from './topology-state.js';

// Far more than a person would write; whoever has more has another problem.
const maxRules = 1_000;

/** A topic with the named subscriptions, as the administration API tells; `undefined` when there is no such topic. */
export async function readTopic(
  client: ServiceBusAdministrationClient,
  { name, subscriptions }: { name: string; subscriptions: readonly string[] },
): Promise<ActualTopic | undefined> {
  const topic = await orMissing(client.getTopic(name, callOptions()));
  if (topic === undefined) return undefined;
  const existing: ActualSubscription[] = [];
  for (const subscription of subscriptions) {
    const found = await readSubscription(client, { topic: name, name: subscription });
    if (found !== undefined) existing.push(found);
  }
  return { name, settings: topicSettings(topic), subscriptions: existing };
}

async function readSubscription(
  client: ServiceBusAdministrationClient,
  { topic, name }: { topic: string; name: string },
): Promise<ActualSubscription | undefined> {
  const subscription = await orMissing(client.getSubscription(topic, name, callOptions()));
  if (subscription === undefined) return undefined;
  const rules: ActualRule[] = [];
  for await (const rule of client.listRules(topic, name, callOptions())) {
    rules.push(actualRule(rule));
    if (rules.length === maxRules) break;
  }
  return { name, settings: subscriptionSettings(subscription), rules };
}

/** Of a rule, however it was read. */
export function actualRule({ name, filter, action }: RuleProperties): ActualRule {
  // An empty action is an object without an expression, whatever its type says.
  const { sqlExpression } = action as { sqlExpression?: string };
  return { name, sql: 'sqlExpression' in filter ? filter.sqlExpression : undefined, action: sqlExpression };
}

function topicSettings(topic: TopicProperties): TopicSettings {
  const windowMs = millisecondsOf(topic.duplicateDetectionHistoryTimeWindow) ?? 0;
  return {
    duplicateDetectionWindowMs: topic.requiresDuplicateDetection ? windowMs : 0,
    status: statusOf(topic),
  };
}

function subscriptionSettings(subscription: SubscriptionProperties): SubscriptionSettings {
  return {
    lockDurationMs: millisecondsOf(subscription.lockDuration) ?? 0,
    maxDeliveryCount: subscription.maxDeliveryCount,
    sessions: subscription.requiresSession,
    forwardTo: subscription.forwardTo === '' ? undefined : subscription.forwardTo,
    status: statusOf(subscription),
  };
}

// Emulators leave the status out of what they tell of a topic.
function statusOf({ status }: { status?: string }): string {
  return status === undefined || status === '' ? 'Active' : status;
}
