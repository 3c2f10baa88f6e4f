import { isServiceBusError, type ServiceBusClient } from '@azure/service-bus';
import { actualRule } from './read-topology.js';
import { TopologyError } from './topology-error.js';
import type { ActualRule, ActualSubscription, ActualTopic } from './topology-state.js';

/**
 * What can be learnt of a topic without an administration API: whether it and its subscriptions can be opened, and
 * their rules where the broker lists them.
 */
export async function lookAtTopic(
  client: ServiceBusClient,
  { name, subscriptions }: { name: string; subscriptions: readonly string[] },
): Promise<ActualTopic | undefined> {
  if (!(await opens(() => openTopic(client, name)))) return undefined;
  const existing: ActualSubscription[] = [];
  for (const subscription of subscriptions) {
    if (!(await opens(() => openSubscription(client, name, subscription)))) continue;
    const rules = await listRules(client, name, subscription);
    existing.push({ name: subscription, ...(rules !== undefined && { rules }) });
  }
  return { name, subscriptions: existing };
}

async function openTopic(client: ServiceBusClient, topic: string): Promise<void> {
  const sender = client.createSender(topic);
  try {
    // Asks the link for its largest message, and so opens it; nothing is sent.
    await sender.createMessageBatch();
  } finally {
    await sender.close();
  }
}

async function openSubscription(client: ServiceBusClient, topic: string, name: string): Promise<void> {
  const receiver = client.createReceiver(topic, name);
  try {
    await receiver.peekMessages(1);
  } finally {
    await receiver.close();
  }
}

/** Whether it is there. @throws TopologyError for any other trouble than that it is not */
async function opens(open: () => Promise<void>): Promise<boolean> {
  try {
    await open();
    return true;
  } catch (error) {
    if (isServiceBusError(error) && error.code === 'MessagingEntityNotFound') return false;
    throw brokerTrouble(error);
  }
}

async function listRules(
  client: ServiceBusClient,
  topic: string,
  subscription: string,
): Promise<ActualRule[] | undefined> {
  // It is closed with the client.
  const manager = client.createRuleManager(topic, subscription);
  try {
    const rules: ActualRule[] = [];
    for await (const rule of manager.listRules()) rules.push(actualRule(rule));
    return rules;
  } catch (error) {
    if (isNotImplemented(error)) return undefined;
    throw brokerTrouble(error);
  }
}

function isNotImplemented(error: unknown): boolean {
  return (
    error instanceof Error &&
    /not.?implement/i.test(`${error.message} ${String((error as { condition?: unknown }).condition)}`)
  );
}

function brokerTrouble(error: unknown): TopologyError {
  const { code, message } = error as { code?: unknown; message: string };
  if (code === 'UnauthorizedAccess') {
    const sentence = `The broker does not let this identity look at its entities: give it the role Azure Service Bus Data Owner (${message})`;
    return new TopologyError('access-refused', sentence, { cause: error });
  }
  const sentence = `The broker cannot be asked what it has (${message}): check that it runs and that the section messaging names it`;
  return new TopologyError('not-reachable', sentence, { cause: error });
}
