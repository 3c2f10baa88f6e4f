import { Controller, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type RegistryEvent, registryEventType, subscriptions } from '@pratique/contracts';
import {
  connectSubscriptions,
  MessagingModule,
  type MessagingSettings,
  subscriptionTransport,
} from '@pratique/messaging';

/** A Nest application that serves the subscription `scan` with the given function. */
export async function startNestConsumer(
  settings: MessagingSettings,
  handle: (event: RegistryEvent) => void,
): Promise<INestApplicationContext> {
  const types = subscriptions.scan.map((name) => registryEventType[name]);

  @Controller()
  class Consumer {
    @EventPattern<string[]>(types, subscriptionTransport('scan'))
    onEvent(@Payload() event: RegistryEvent): void {
      handle(event);
    }
  }

  @Module({ imports: [MessagingModule.forRoot(settings)], controllers: [Consumer] })
  class Root {}

  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class and takes plain objects
  const app = await NestFactory.create(Root, new FastifyAdapter(), { logger: false, abortOnError: false });
  connectSubscriptions(app, ['scan']);
  await app.startAllMicroservices();
  return app;
}
