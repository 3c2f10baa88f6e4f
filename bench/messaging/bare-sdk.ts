// eslint-disable-next-line no-restricted-imports -- the reference is the SDK without libs/messaging
import { type ServiceBusMessage, ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { type RegistryEvent, registryEventsTopic } from '@pratique/contracts';

/** What somebody would write who uses the SDK alone: an event to a message, and back. */
export function toMessage({ data, ...attributes }: RegistryEvent): ServiceBusMessage {
  const applicationProperties: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) applicationProperties[`cloudEvents_${name}`] = value;
  }
  return {
    body: Buffer.from(JSON.stringify(data)),
    messageId: attributes.id,
    contentType: 'application/json',
    applicationProperties,
  };
}

export function connectBare(connectionString: string): ServiceBusClient {
  return new ServiceBusClient(connectionString);
}

/** Sends every event as a message of its own, so many at a time. */
export async function sendBare(
  client: ServiceBusClient,
  events: readonly RegistryEvent[],
  concurrency: number,
): Promise<void> {
  const sender = client.createSender(registryEventsTopic);
  await inParallel(events, concurrency, (event) => sender.sendMessages(toMessage(event)));
  await sender.close();
}

/** Receives, parses and completes until it is closed. */
export function receiveBare(
  client: ServiceBusClient,
  options: { concurrency: number; handle: (event: unknown) => void },
): { close(): Promise<void> } {
  const receiver = client.createReceiver(registryEventsTopic, 'scan', { skipParsingBodyAsJson: true });
  const subscription = receiver.subscribe(
    {
      processMessage: async (message: ServiceBusReceivedMessage) => {
        const { applicationProperties } = message;
        const body: unknown = message.body;
        options.handle({ ...applicationProperties, data: JSON.parse(String(body)) as unknown });
        await receiver.completeMessage(message);
      },
      processError: ({ error }) => Promise.reject(error),
    },
    { autoCompleteMessages: false, maxConcurrentCalls: options.concurrency },
  );
  return {
    close: async () => {
      await subscription.close();
      await receiver.close();
    },
  };
}

/** Works on the items in order, so many at a time. */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const remaining = items.values();
  const worker = async (): Promise<void> => {
    for (const item of remaining) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
