import { Controller, type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  type RegistryEvent,
  registryEventType,
  type SubscriptionName,
  subscriptions,
} from '@pratique/contracts';
import { connectSubscriptions } from '../src/connect-subscriptions.js';
import type { Delivery } from '../src/delivery.js';
import { MessagingModule } from '../src/messaging.module.js';
import type { MessagingSettings } from '../src/messaging.settings.js';
import { subscriptionTransport } from '../src/subscription-transport.js';

export type Handle = (event: RegistryEvent, delivery: Delivery) => unknown;

/** A Nest application whose controllers hand what their subscriptions are sent to the given functions. */
export async function startConsumers(
  settings: MessagingSettings,
  handlers: Partial<Record<SubscriptionName, Handle>>,
): Promise<INestApplication> {
  const served = Object.entries(handlers) as [SubscriptionName, Handle][];
  const app = await createApp(
    settings,
    served.map(([subscription, handle]) => consumerOf(subscription, handle)),
  );
  connectSubscriptions(
    app,
    served.map(([subscription]) => subscription),
  );
  await app.startAllMicroservices();
  return app;
}

export async function createApp(settings: MessagingSettings, controllers: Type[]): Promise<INestApplication> {
  @Module({ imports: [MessagingModule.forRoot(settings)], controllers })
  class Root {}
  return NestFactory.create(Root, new FastifyAdapter(), { logger: false, abortOnError: false });
}

export function consumerOf(subscription: SubscriptionName, handle: Handle): Type {
  const types = subscriptions[subscription].map((name) => registryEventType[name]);

  @Controller()
  class RegistryEventConsumer {
    @EventPattern<string[]>(types, subscriptionTransport(subscription))
    onEvent(@Payload() event: RegistryEvent, @Ctx() delivery: Delivery): unknown {
      return handle(event, delivery);
    }
  }
  return RegistryEventConsumer;
}
