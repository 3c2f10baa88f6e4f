// eslint-disable-next-line no-restricted-imports -- the fastest way to be rid of messages
import { ServiceBusClient } from '@azure/service-bus';
import { registryEventsTopic } from '@pratique/contracts';
import type { Broker } from './broker.js';

/** Takes everything out of the subscription, so that each measurement begins with an empty one. */
export async function empty(broker: Broker): Promise<void> {
  const client = new ServiceBusClient(broker.connectionString);
  const receiver = client.createReceiver(registryEventsTopic, 'scan', { receiveMode: 'receiveAndDelete' });
  const subscription = receiver.subscribe(
    { processMessage: () => Promise.resolve(), processError: ({ error }) => Promise.reject(error) },
    { maxConcurrentCalls: 500 },
  );
  await broker.drained();
  await subscription.close();
  await client.close();
}
