import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { registryEventsTopic } from '@pratique/contracts';
import {
  type AzureMessagingEmulator,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import {
  MessagingClients,
  messagingSettingsFor,
  messagingTopology,
  OutcomePublisher,
  RegistryEventPublisher,
} from '@pratique/messaging';
import type { RunningService } from '@pratique/service';
import { anImageCleared, anImageDeleted, anImagePushed, anOutcome } from '@pratique/testing';
import type { DatabaseSettings } from './audit.settings.js';
import { startAudit } from './audit-service.js';

// An embedded PostgreSQL takes seconds to start on a busy machine.
jest.setTimeout(60_000);

interface Listed {
  entries: { id: string; kind: string; type: string; sequence: number; body: object }[];
  next: number | null;
}

describe('audit/audit-service', () => {
  let broker: AzureMessagingEmulator;
  let clients: MessagingClients;
  let events: RegistryEventPublisher;
  let outcomes: OutcomePublisher;
  let service: RunningService | undefined;
  let folder: string;

  beforeEach(async () => {
    broker = await startAzureMessagingEmulator({ port: 0, storage: 'memory', ...messagingTopology() });
    clients = new MessagingClients(messagingSettingsFor(broker.connectionString));
    events = new RegistryEventPublisher(clients);
    outcomes = new OutcomePublisher(clients);
    folder = await mkdtemp(join(tmpdir(), 'pratique-audit-'));
  });

  afterEach(async () => {
    await service?.stop();
    service = undefined;
    await clients.close();
    await broker.close();
    await rm(folder, { recursive: true });
  });

  async function start(database: DatabaseSettings): Promise<void> {
    service = await startAudit(
      {
        audit: { database },
        messaging: messagingSettingsFor(broker.connectionString),
        http: { host: '127.0.0.1', port: 0, trustedProxies: 0, shutdownDeadlineMs: 5_000 },
        telemetry: {},
      },
      { logs: { level: 'silent' }, signals: 'none' },
    );
  }

  async function get(query = ''): Promise<Response> {
    return fetch(`${service?.url ?? ''}/api/v1/entries${query}`);
  }

  async function list(query = ''): Promise<Listed> {
    const response = await get(query);
    expect(response.status).toBe(200);
    return (await response.json()) as Listed;
  }

  /** Asks until so many entries are there; the test's own limit of time is the only one. */
  async function listed(count: number): Promise<Listed['entries']> {
    for (;;) {
      const { entries } = await list();
      if (entries.length >= count) return entries;
      await pause(10);
    }
  }

  it('lists every event of the topic and every outcome of the event hub, once', async () => {
    const pushed = anImagePushed();
    const told = [pushed, anImageCleared({}, pushed), anImageDeleted()];
    const passed = anOutcome('scan.passed', {}, pushed);
    await start({ memory: true });

    await events.publish(told);
    await outcomes.publish(passed);
    // Event Hubs keeps doubles, which a publisher makes that is not sure whether it was heard.
    await outcomes.publish(passed);
    await outcomes.publish(anOutcome('sync.copied', {}, pushed));

    const entries = await listed(5);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(5);
    expect(entries.filter(({ kind }) => kind === 'event').map(({ body }) => body)).toEqual(
      expect.arrayContaining(told),
    );
    expect(entries.find(({ id }) => id === passed.id)?.body).toEqual(passed);
    expect(await list(`?correlation=${pushed.correlationid}&limit=2&order=desc`)).toMatchObject({
      next: expect.any(Number) as number,
    });
  });

  it('completes the message of an event that it has recorded before', async () => {
    await start({ memory: true });
    const event = anImagePushed();
    const other = anImagePushed({ tag: '2.0.0' });
    await events.publish(event);
    await listed(1);

    // Another MessageId, as a redelivered copy has: the broker does not take it for a double.
    const sender = clients.serviceBus().createSender(registryEventsTopic);
    await sender.sendMessages(copyOf(event));
    await events.publish(other);

    const entries = await listed(2);
    expect(entries.map(({ id }) => id)).toEqual([event.id, other.id]);
    await settled(() => broker.subscriptionStats(registryEventsTopic, 'audit'));
  });

  it('records that the stream has something which is no outcome, and goes on', async () => {
    await start({ memory: true });
    await clients.outcomesProducer().sendBatch([{ body: { what: 'ever' } }], { partitionKey: 'vendor' });
    await outcomes.publish(anOutcome('sync.copied'));

    const entries = await listed(2);

    expect(entries.map(({ type }) => type).toSorted()).toEqual([
      'io.pratique.dead-letter.contract-violation.v1',
      'io.pratique.sync.copied.v1',
    ]);
  });

  it('goes on where it left off after a restart', async () => {
    const database = { folder: join(folder, 'audit') };
    await start(database);
    await outcomes.publish(anOutcome('sync.copied'));
    await listed(1);
    await service?.stop();
    await outcomes.publish(anOutcome('scan.passed'));

    await start(database);

    const entries = await listed(2);
    expect(entries.map(({ type }) => type)).toEqual([
      'io.pratique.sync.copied.v1',
      'io.pratique.scan.passed.v1',
    ]);
  });

  it('says what is wrong with a query, and that it is ready when it can reach its database', async () => {
    await start({ memory: true });
    await events.publish(anImagePushed());
    await outcomes.publish(anOutcome('sync.copied'));
    await listed(2);

    const response = await get('?limit=1000');

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: 'limit must be a whole number from 1 to 500.' });
    expect((await fetch(`${service?.url ?? ''}/health/ready`)).status).toBe(200);
  });
});

function copyOf(event: ReturnType<typeof anImagePushed>): {
  body: Buffer;
  messageId: string;
  contentType: string;
  applicationProperties: Record<string, string>;
} {
  const { data, datacontenttype, ...attributes } = event;
  const properties = Object.entries(attributes).map(([name, value]) => [
    `cloudEvents_${name}`,
    String(value),
  ]);
  return {
    body: Buffer.from(JSON.stringify(data)),
    messageId: `${event.id}-again`,
    contentType: datacontenttype,
    applicationProperties: Object.fromEntries(properties) as Record<string, string>,
  };
}

async function settled(stats: () => { active: number; locked: number; deadLettered: number }): Promise<void> {
  for (;;) {
    const { active, locked, deadLettered } = stats();
    expect(deadLettered).toBe(0);
    if (active === 0 && locked === 0) return;
    await pause(10);
  }
}
