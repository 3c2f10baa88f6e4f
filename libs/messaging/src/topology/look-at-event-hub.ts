import { EventHubConsumerClient, latestEventPosition } from '@azure/event-hubs';
import { azureCredential } from '@pratique/azure-identity';
import type { MessagingSettings } from '../messaging.settings.js';
import { brokerError } from '../publishing.js';
import { TopologyError } from './topology-error.js';
import type { ActualEventHub } from './topology-state.js';

/** The group that every event hub has. */
const defaultGroup = '$Default';

/** What Event Hubs tells about a hub: its partitions, and which of the named groups can be opened. */
export async function lookAtEventHub(
  settings: MessagingSettings,
  { name, consumerGroups }: { name: string; consumerGroups: readonly string[] },
): Promise<ActualEventHub | undefined> {
  const partitions = await partitionIds(settings, name);
  if (partitions === undefined) return undefined;
  const [partition] = partitions;
  const existing: string[] = [];
  for (const group of consumerGroups) {
    const open = partition !== undefined && (await groupOpens(settings, { hub: name, group, partition }));
    if (open) existing.push(group);
  }
  return { name, partitions: partitions.length, consumerGroups: existing };
}

async function partitionIds(settings: MessagingSettings, hub: string): Promise<string[] | undefined> {
  const consumer = consumerOf(settings, hub, defaultGroup);
  try {
    return (await consumer.getEventHubProperties()).partitionIds;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw hubTrouble(error);
  } finally {
    await consumer.close();
  }
}

/**
 * A group shows only when a reader opens it. The reader asks for events that are yet to come and leaves at once; a
 * group whose partition is taken already is one that exists.
 */
async function groupOpens(
  settings: MessagingSettings,
  { hub, group, partition }: { hub: string; group: string; partition: string },
): Promise<boolean> {
  const consumer = consumerOf(settings, hub, group);
  const answer = Promise.withResolvers<boolean>();
  const subscription = consumer.subscribe(
    partition,
    {
      processEvents: () => {
        answer.resolve(true);
        return Promise.resolve();
      },
      processError: (error) => {
        if (isMissing(error)) answer.resolve(false);
        else if (isTaken(error)) answer.resolve(true);
        else answer.reject(hubTrouble(error));
        return Promise.resolve();
      },
    },
    { startPosition: latestEventPosition, maxBatchSize: 1, maxWaitTimeInSeconds: 1 },
  );
  try {
    return await answer.promise;
  } finally {
    await subscription.close();
    await consumer.close();
  }
}

function consumerOf(
  { eventHubs, retry }: MessagingSettings,
  hub: string,
  group: string,
): EventHubConsumerClient {
  const { maxRetries, delayMs, maxDelayMs, timeoutMs } = retry;
  const retryOptions = {
    maxRetries,
    retryDelayInMs: delayMs,
    maxRetryDelayInMs: maxDelayMs,
    timeoutInMs: timeoutMs,
  };
  return 'connectionString' in eventHubs
    ? new EventHubConsumerClient(group, eventHubs.connectionString.reveal(), hub, { retryOptions })
    : new EventHubConsumerClient(group, eventHubs.namespace, hub, azureCredential(eventHubs.identity), {
        retryOptions,
      });
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'MessagingEntityNotFoundError';
}

// Audit reads with an owner level, which shuts out readers without one; five without one are the most there may be.
function isTaken(error: unknown): boolean {
  return ['ReceiverDisconnectedError', 'QuotaExceededError'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error ? String((error as { code?: unknown }).code) : '';
}

function hubTrouble(error: unknown): TopologyError {
  const why = brokerError(error);
  if (codeOf(error) === 'UnauthorizedError') {
    const message = `Event Hubs does not let this identity read: give it the role Azure Event Hubs Data Receiver (${why})`;
    return new TopologyError('access-refused', message, { cause: error });
  }
  const message = `Event Hubs cannot be asked what it has (${why}): check that it runs and that the section messaging names it`;
  return new TopologyError('not-reachable', message, { cause: error });
}
