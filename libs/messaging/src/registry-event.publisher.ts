import type { ServiceBusMessage, ServiceBusMessageBatch, ServiceBusSender } from '@azure/service-bus';
import type { RegistryEvent } from '@pratique/contracts';
import { type AmqpMessage, encodeCloudEvent } from './cloud-event-codec.js';
import type { MessagingClients } from './messaging-clients.js';
import { MessagingError } from './messaging-error.js';
import { publishing } from './publishing.js';

/** Puts registry events onto the topic, where every subscription that wants them gets a copy. */
export class RegistryEventPublisher {
  constructor(private readonly clients: MessagingClients) {}

  /**
   * Resolves when the broker has accepted all of the events; they go as one batch, so it takes all or none. Publishing
   * the same event twice is harmless: its id is the MessageId, and the broker drops doubles for ten minutes.
   *
   * @throws MessagingError `too-large` before anything is sent, `not-published` when the broker did not accept
   */
  async publish(events: RegistryEvent | readonly RegistryEvent[]): Promise<void> {
    const messages = [events].flat().map((event) => toServiceBusMessage(encodeCloudEvent(event)));
    const [first, ...others] = messages;
    if (first === undefined) return;
    await publishing('registry events', async () => {
      const sender = this.clients.topicSender();
      await sender.sendMessages(others.length === 0 ? first : await batchOf(messages, sender));
    });
  }
}

async function batchOf(
  messages: readonly ServiceBusMessage[],
  sender: ServiceBusSender,
): Promise<ServiceBusMessageBatch> {
  const batch = await sender.createMessageBatch();
  if (messages.every((message) => batch.tryAddMessage(message))) return batch;
  throw new MessagingError(
    'too-large',
    `${messages.length} events do not fit into one batch of ${batch.maxSizeInBytes} bytes: publish fewer at a time.`,
  );
}

function toServiceBusMessage({ properties, ...message }: AmqpMessage): ServiceBusMessage {
  return { ...message, applicationProperties: properties };
}
