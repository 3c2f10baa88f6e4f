import type { INestApplication } from '@nestjs/common';
import type { MicroserviceOptions } from '@nestjs/microservices';
import type { SubscriptionName } from '@pratique/contracts';
import { MessagingClients } from './messaging-clients.js';
import { OutcomePublisher } from './outcome.publisher.js';
import { ServiceBusServer } from './service-bus.server.js';

/**
 * Lets an application with a {@link MessagingModule} serve subscriptions, all over one connection. They start with
 * `app.startAllMicroservices()` and stop with `app.close()`.
 */
export function connectSubscriptions(
  app: INestApplication,
  subscriptions: readonly SubscriptionName[],
): ServiceBusServer[] {
  const clients = app.get(MessagingClients);
  const outcomes = app.get(OutcomePublisher);
  return subscriptions.map((subscription) => {
    const server = new ServiceBusServer({ subscription, clients, outcomes });
    app.connectMicroservice<MicroserviceOptions>({ strategy: server });
    return server;
  });
}
