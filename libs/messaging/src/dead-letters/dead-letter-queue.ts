import type { ServiceBusReceiver } from '@azure/service-bus';
import { registryEventsTopic, type SubscriptionName } from '@pratique/contracts';
import { MessagingClients } from '../messaging-clients.js';
import type { MessagingSettings } from '../messaging.settings.js';
import { brokerError } from '../publishing.js';
import { DeadLetterError } from './dead-letter-error.js';

/** Something to do with the dead letters of one subscription, over a connection of its own. */
export type UseQueue<T> = (receiver: ServiceBusReceiver, clients: MessagingClients) => Promise<T>;

/**
 * Connects, works, and closes the connection again. The SDK remembers per connection how far it has peeked, so work
 * that is to see a queue from its beginning needs a new one.
 */
export async function withDeadLetters<T>(
  settings: MessagingSettings,
  subscription: SubscriptionName,
  use: UseQueue<T>,
): Promise<T> {
  const clients = new MessagingClients(settings);
  try {
    const receiver = clients.serviceBus().createReceiver(registryEventsTopic, subscription, {
      subQueueType: 'deadLetter',
      receiveMode: 'peekLock',
      // What is replayed must carry the very same bytes.
      skipParsingBodyAsJson: true,
    });
    return await use(receiver, clients);
  } catch (error) {
    throw isBrokerError(error) ? notReachable(subscription, error) : error;
  } finally {
    await clients.close();
  }
}

/** Whether the SDK throws it: a `ServiceBusError`, or the `MessagingError` of its own beneath, which is not exported. */
export function isBrokerError(error: unknown): error is Error {
  return error instanceof Error && 'retryable' in error;
}

function notReachable(subscription: SubscriptionName, error: Error): DeadLetterError {
  const message = `The dead letters of ${subscription} cannot be read (${brokerError(error)}): check that the broker runs and that the section messaging names it`;
  return new DeadLetterError('not-reachable', message, { cause: error });
}
