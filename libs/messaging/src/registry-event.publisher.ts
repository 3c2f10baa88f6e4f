import type { ServiceBusMessage } from '@azure/service-bus';
import { redeliverToProperty, type RegistryEvent, type SubscriptionName } from '@pratique/contracts';
import { type AmqpMessage, encodeCloudEvent } from './cloud-event-codec.js';
import type { MessagingClients } from './messaging-clients.js';
import { publishInSpans } from './message-spans.js';

/** Puts registry events onto the topic, where every subscription that wants them gets a copy. */
export class RegistryEventPublisher {
  constructor(private readonly clients: Pick<MessagingClients, 'topic' | 'metrics'>) {}

  /**
   * Resolves when the broker has accepted all of the events; it takes all of them or none. What is published at the same
   * time travels together, and fails alone. Publishing the same event twice is harmless: its id is the MessageId, and the
   * broker drops doubles for ten minutes.
   *
   * @param options.only the one subscription that is to take them; without it, each that wants events of their type
   * @throws MessagingError `too-large` before anything is sent, `not-published` when the broker did not accept
   */
  async publish(
    events: RegistryEvent | readonly RegistryEvent[],
    { only }: { only?: SubscriptionName } = {},
  ): Promise<void> {
    await this.clients.metrics.publishing('registry-events', async () => {
      await publishInSpans('registry-events', [events].flat(), async (traced) => {
        const messages = traced.map((event) => toServiceBusMessage(encodeCloudEvent(event), only));
        if (messages.length > 0) await this.clients.topic.send(messages);
      });
    });
  }
}

function toServiceBusMessage(
  { properties, ...message }: AmqpMessage,
  only: SubscriptionName | undefined,
): ServiceBusMessage {
  const addressed = only === undefined ? {} : { [redeliverToProperty]: only };
  return { ...message, applicationProperties: { ...properties, ...addressed } };
}
