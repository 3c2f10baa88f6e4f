import type { ServiceBusAdministrationClient } from '@azure/service-bus';
import type { SubscriptionDeclaration, TopicDeclaration } from '../messaging-topology.js';
import { callOptions, orMadeAlready } from './administration-call.js';
import { isoDuration } from './iso-duration.js';
import type { RuleDeclaration, TopologyChange } from './topology-finding.js';

interface RulePlace {
  topic: string;
  subscription: string;
  rule: RuleDeclaration;
}

/**
 * Makes one change. What somebody else has made in the meantime counts as made.
 *
 * @returns what was done, as `created`
 */
export async function changeTopology(
  client: ServiceBusAdministrationClient,
  change: TopologyChange,
): Promise<'created' | 'updated' | 'deleted'> {
  switch (change.kind) {
    case 'create-topic':
      await createTopic(client, change.topic);
      return 'created';
    case 'update-topic':
      await updateTopic(client, change.topic);
      return 'updated';
    case 'create-subscription':
      await createSubscription(client, change.topic, change.subscription);
      return 'created';
    case 'update-subscription':
      await updateSubscription(client, change.topic, change.subscription);
      return 'updated';
    case 'create-rule':
      await createRule(client, change);
      return 'created';
    case 'update-rule':
      await updateRule(client, change);
      return 'updated';
    case 'delete-rule':
      await client.deleteRule(change.topic, change.subscription, change.rule, callOptions());
      return 'deleted';
    default:
      return change satisfies never;
  }
}

async function createTopic(client: ServiceBusAdministrationClient, topic: TopicDeclaration): Promise<void> {
  const duplicateDetectionHistoryTimeWindow = isoDuration(topic.duplicateDetectionWindowMs);
  const options = { requiresDuplicateDetection: true, duplicateDetectionHistoryTimeWindow, ...callOptions() };
  await orMadeAlready(client.createTopic(topic.name, options));
}

// An update replaces everything, so it starts from what there is.
async function updateTopic(client: ServiceBusAdministrationClient, topic: TopicDeclaration): Promise<void> {
  const actual = await client.getTopic(topic.name, callOptions());
  actual.duplicateDetectionHistoryTimeWindow = isoDuration(topic.duplicateDetectionWindowMs);
  await client.updateTopic(actual, callOptions());
}

/**
 * The first rule is made together with the subscription, in place of `$Default`: otherwise the subscription would take
 * everything until the rule is there.
 */
async function createSubscription(
  client: ServiceBusAdministrationClient,
  topic: string,
  declared: SubscriptionDeclaration,
): Promise<void> {
  const [first, ...others] = declared.rules;
  const options = {
    lockDuration: isoDuration(declared.lockDurationMs),
    maxDeliveryCount: declared.maxDeliveryCount,
    // Nothing of Pratique's expires; should somebody give messages a time to live, they are kept all the same.
    deadLetteringOnMessageExpiration: true,
    ...(first !== undefined && {
      defaultRuleOptions: { name: first.name, filter: { sqlExpression: first.sql } },
    }),
    ...callOptions(),
  };
  await orMadeAlready(client.createSubscription(topic, declared.name, options));
  for (const rule of others) await createRule(client, { topic, subscription: declared.name, rule });
}

async function updateSubscription(
  client: ServiceBusAdministrationClient,
  topic: string,
  declared: SubscriptionDeclaration,
): Promise<void> {
  const actual = await client.getSubscription(topic, declared.name, callOptions());
  actual.lockDuration = isoDuration(declared.lockDurationMs);
  actual.maxDeliveryCount = declared.maxDeliveryCount;
  await client.updateSubscription(actual, callOptions());
}

async function createRule(
  client: ServiceBusAdministrationClient,
  { topic, subscription, rule }: RulePlace,
): Promise<void> {
  const filter = { sqlExpression: rule.sql };
  await orMadeAlready(client.createRule(topic, subscription, rule.name, filter, callOptions()));
}

async function updateRule(
  client: ServiceBusAdministrationClient,
  { topic, subscription, rule }: RulePlace,
): Promise<void> {
  const actual = await client.getRule(topic, subscription, rule.name, callOptions());
  actual.filter = { sqlExpression: rule.sql };
  // Without an expression it is no action at all.
  actual.action = {};
  await client.updateRule(topic, subscription, actual, callOptions());
}
