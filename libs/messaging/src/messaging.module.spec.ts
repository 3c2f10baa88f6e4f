import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { startAzureMessagingEmulator } from '@pratique/emulators-azure-messaging';
import { firstValueFrom, filter } from 'rxjs';
import { examplePush } from '../test/example-events.js';
import { recorder } from '../test/recorder.js';
import { latch } from '../test/latch.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { consumerOf, createApp, startConsumers } from '../test/start-consumers.js';
import { connectSubscriptions } from './connect-subscriptions.js';
import { MessagingClients } from './messaging-clients.js';
import { MessagingModule } from './messaging.module.js';
import { messagingTopology } from './messaging-topology.js';
import { OutcomePublisher } from './outcome.publisher.js';
import { RegistryEventPublisher } from './registry-event.publisher.js';
import { ServiceBusServer } from './service-bus.server.js';

describe('messaging/messaging.module', () => {
  let bus: Bus;
  const closing: { close(): Promise<unknown> }[] = [];

  beforeEach(async () => {
    bus = await startBus();
  });
  afterEach(async () => {
    for (const each of closing.splice(0)) await each.close();
    await bus.close();
  });

  async function openApp(...consumers: Parameters<typeof consumerOf>[]): Promise<INestApplication> {
    const app = await createApp(
      bus.settings,
      consumers.map((consumer) => consumerOf(...consumer)),
    );
    closing.push(app);
    return app;
  }

  it('gives every module of the application the publishers', async () => {
    const app = await openApp();
    await app.get(RegistryEventPublisher).publish(examplePush());
    expect(app.get(OutcomePublisher)).toBeInstanceOf(OutcomePublisher);
    expect(bus.emulator.subscriptionStats('registry-events', 'audit').active).toBe(1);
  });

  it('closes the connections with the application, after handlers that finish late have published', async () => {
    const started = latch();
    const work = latch();
    const app: INestApplication = await startConsumers(bus.settings, {
      scan: async () => {
        started.open();
        await work.opened;
        await app.get(RegistryEventPublisher).publish(examplePush('follow-up'));
      },
    });
    await bus.events.publish(examplePush());
    await started.opened;
    const closed = app.close();
    work.open();
    await closed;
    expect(bus.emulator.subscriptionStats('registry-events', 'audit').active).toBe(2);
    await expect(app.get(RegistryEventPublisher).publish(examplePush('late'))).rejects.toMatchObject({
      code: 'closed',
    });
  });

  it('serves a pure microservice too', async () => {
    const scan = recorder();
    @Module({
      imports: [MessagingModule.forRoot(bus.settings)],
      controllers: [consumerOf('scan', scan.handle)],
    })
    class Root {}
    const options: AsyncMicroserviceOptions = {
      inject: [MessagingClients, OutcomePublisher],
      useFactory: (clients: MessagingClients, outcomes: OutcomePublisher) => ({
        strategy: new ServiceBusServer({ subscription: 'scan', clients, outcomes }),
      }),
    };
    const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(Root, {
      ...options,
      logger: false,
    });
    closing.push(app);
    await app.listen();
    await bus.events.publish(examplePush());
    expect((await scan.calls(1))[0]?.delivery.attempt).toBe(1);
  });

  it('refuses to start while something that a subscription is sent has no handler', async () => {
    const app = await openApp();
    connectSubscriptions(app, ['scan']);
    await expect(app.startAllMicroservices()).rejects.toMatchObject({ code: 'wrong-handlers' });
  });

  it('refuses two handlers for the same events of a subscription', async () => {
    const app = await openApp(['scan', () => undefined], ['scan', () => undefined]);
    expect(() => connectSubscriptions(app, ['scan'])).toThrow(/is the second one/);
  });

  it('can be stopped while the broker is away', async () => {
    await bus.close();
    const app = await openApp(['scan', () => undefined]);
    const [server] = connectSubscriptions(app, ['scan']);
    await app.startAllMicroservices();
    await statusOf(server!, 'disconnected');
    await expect(app.close()).resolves.toBeUndefined();
  });

  it('starts while the broker is away, connects when it is there, and again when it was away', async () => {
    const { port } = bus.emulator;
    await bus.close();
    const scan = recorder();
    const app = await openApp(['scan', scan.handle]);
    const [server] = connectSubscriptions(app, ['scan']);
    await app.startAllMicroservices();
    for (const round of [1, 2]) {
      await statusOf(server!, 'disconnected');
      const broker = await startAzureMessagingEmulator({ port, storage: 'memory', ...messagingTopology() });
      await statusOf(server!, 'connected');
      await app.get(RegistryEventPublisher).publish(examplePush(`round-${round}`));
      await scan.calls(round);
      await broker.close();
    }
    expect(scan.seen.map(({ event }) => event.id)).toEqual(
      [1, 2].map((round) => examplePush(`round-${round}`).id),
    );
  });
});

async function statusOf(server: ServiceBusServer, status: string): Promise<void> {
  await firstValueFrom(server.status.pipe(filter((current) => current === status)));
}
