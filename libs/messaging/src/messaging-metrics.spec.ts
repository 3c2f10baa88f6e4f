import { Global, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Registry } from 'prom-client';
import { exampleOutcome, examplePush } from '../test/example-events.js';
import { recorder } from '../test/recorder.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { consumerOf } from '../test/start-consumers.js';
import { connectSubscriptions } from './connect-subscriptions.js';
import { MessagingMetrics } from './messaging-metrics.js';
import { MessagingModule } from './messaging.module.js';
import { RegistryEventPublisher } from './registry-event.publisher.js';

const pushed = 'io.pratique.image.pushed.v1';

describe('messaging/messaging-metrics', () => {
  let bus: Bus;
  let app: INestApplication;

  beforeEach(async () => {
    bus = await startBus();
  });
  afterEach(() => bus.close());

  it('counts what becomes of messages in the registry of the service', async () => {
    const registry = new Registry();
    const scan = recorder(({ event }) => {
      if (event.data.repository === 'samples/poison') throw new TypeError('a bug');
    });
    app = await serve(registry, scan.handle);
    await bus.events.publish([examplePush('good'), examplePush('poison')]);
    await bus.sendRaw({ body: 'x', messageId: 'x', applicationProperties: { cloudEvents_type: pushed } });
    await bus.deadLetters('scan', 2);
    await app.close();
    const lines = (await registry.metrics()).split('\n');
    const scanOf = `subscription="scan",type="${pushed}"`;
    expect(lines).toEqual(
      expect.arrayContaining([
        `pratique_messages_received_total{${scanOf}} 4`,
        `pratique_messages_received_total{subscription="scan",type="unreadable"} 1`,
        `pratique_messages_settled_total{${scanOf},disposition="complete"} 1`,
        `pratique_messages_settled_total{${scanOf},disposition="redeliver"} 2`,
        `pratique_messages_settled_total{${scanOf},disposition="dead-letter"} 1`,
        'pratique_messages_dead_lettered_total{subscription="scan",reason="dead-letter.unclassified"} 1',
        'pratique_messages_dead_lettered_total{subscription="scan",reason="dead-letter.contract-violation"} 1',
        `pratique_message_handler_seconds_count{${scanOf}} 4`,
        'pratique_message_age_seconds_count{subscription="scan"} 5',
        'pratique_messages_in_flight{subscription="scan"} 0',
      ]),
    );
  });

  it('times what is published, and counts what is not', async () => {
    const registry = new Registry();
    app = await serve(registry, () => undefined);
    const publisher = app.get(RegistryEventPublisher);
    await publisher.publish(examplePush());
    const outcome = exampleOutcome();
    const large = { ...examplePush(), data: { ...examplePush().data, actor: 'x'.repeat(70_000) } };
    await expect(publisher.publish(large)).rejects.toMatchObject({ code: 'too-large' });
    await bus.outcomes.publish(outcome);
    await app.close();
    const lines = (await registry.metrics()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'pratique_publish_seconds_count{destination="registry-events"} 1',
        'pratique_publish_failures_total{destination="registry-events",code="too-large"} 1',
      ]),
    );
    // The outcome was published by somebody else, into a registry of its own.
    expect(lines.join()).not.toContain('destination="outcomes"');
    const theirs = await bus.clients.metrics.registry.metrics();
    expect(theirs).toContain('pratique_publish_seconds_count{destination="outcomes"} 1');
    const { reason, severity } = outcome.data;
    expect(theirs).toContain(
      `pratique_outcomes_total{type="${outcome.type}",reason="${reason}",severity="${severity}"} 1`,
    );
  });

  it('measures how late a reader of the stream is, whatever two clocks say', async () => {
    const metrics = new MessagingMetrics();
    metrics.readFromStream('audit', new Date(Date.now() - 90_000));
    metrics.readFromStream('audit', new Date(Date.now() + 90_000));
    const text = await metrics.registry.metrics();
    expect(text).toContain('pratique_outcome_age_seconds_bucket{le="0.01",consumer_group="audit"} 1');
    expect(text).toContain('pratique_outcome_age_seconds_bucket{le="120",consumer_group="audit"} 2');
  });

  it('counts links and connections that the watchdog replaces', async () => {
    const metrics = new MessagingMetrics();
    metrics.rebuilt('scan', 'silent');
    expect(await metrics.registry.metrics()).toContain(
      'pratique_receiver_rebuilds_total{subscription="scan",reason="silent"} 1',
    );
  });

  async function serve(
    registry: Registry,
    handle: ReturnType<typeof recorder>['handle'],
  ): Promise<INestApplication> {
    @Global()
    @Module({ providers: [{ provide: Registry, useValue: registry }], exports: [Registry] })
    class Metrics {}
    @Module({
      imports: [Metrics, MessagingModule.forRoot(bus.settings)],
      controllers: [consumerOf('scan', handle)],
    })
    class Root {}
    const started = await NestFactory.create(Root, new FastifyAdapter(), {
      logger: false,
      abortOnError: false,
    });
    connectSubscriptions(started, ['scan']);
    await started.startAllMicroservices();
    return started;
  }
});
