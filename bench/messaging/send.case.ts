import { MessagingClients, messagingSettingsFor, RegistryEventPublisher } from '@pratique/messaging';
import type { Comparison } from '../compare-in-turn.js';
import { connectBare, inParallel, sendBare } from './bare-sdk.js';
import type { Broker } from './broker.js';
import { empty } from './empty.js';
import { perSecond } from './per-second.js';
import { samplePushes } from './sample-events.js';

/** Publishes events, so many at a time. */
export function sendCase(options: { broker: Broker; name: string; concurrency: number }): Comparison {
  const { broker, name, concurrency } = options;
  // Most of a second of work or more, as of every case here.
  const count = concurrency === 1 ? 4_000 : 24_000;
  return {
    case: name,
    unit: 'events/s',
    reference: `SDK, sendMessages, ${concurrency} at a time`,
    measureReference: async () => {
      const client = connectBare(broker.connectionString);
      await sendBare(client, samplePushes(1), 1);
      const events = samplePushes(count);
      const rate = await perSecond(count, () => sendBare(client, events, concurrency));
      await client.close();
      await empty(broker);
      return rate;
    },
    measure: async () => {
      const clients = new MessagingClients(messagingSettingsFor(broker.connectionString));
      const publisher = new RegistryEventPublisher(clients);
      await publisher.publish(samplePushes(1));
      const events = samplePushes(count);
      const rate = await perSecond(count, () =>
        inParallel(events, concurrency, (event) => publisher.publish(event)),
      );
      await clients.close();
      await empty(broker);
      return rate;
    },
  };
}
