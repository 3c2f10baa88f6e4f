import type { INestApplication } from '@nestjs/common';
import { examplePush } from '../test/example-events.js';
import { latch } from '../test/latch.js';
import { recorder } from '../test/recorder.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { startConsumers } from '../test/start-consumers.js';
import { MessagingClients } from './messaging-clients.js';

describe('messaging/subscription-link', () => {
  let bus: Bus;
  let app: INestApplication;

  afterEach(async () => {
    await app.close();
    await bus.close();
  });

  function held(): { active: number; locked: number } {
    const { active, locked } = bus.emulator.subscriptionStats('registry-events', 'scan');
    return { active, locked };
  }

  /** What was asked of the broker before has been done when it answers this. */
  async function brokerHasCaughtUp(): Promise<void> {
    const client = app.get(MessagingClients).serviceBus();
    await client.createReceiver('registry-events', 'scan').peekMessages(1);
  }

  it('settles what it held when the connection was lost, and asks for no more than may be worked on', async () => {
    bus = await startBus({ tuning: { concurrency: 2 } });
    const gates = new Map(['old', 'new'].map((name) => [name, latch()]));
    const scan = recorder(({ event }) => gates.get(event.data.actor ?? '')?.opened);
    app = await startConsumers(bus.settings, { scan: scan.handle });
    await bus.events.publish(pushes('old', 2));
    await scan.calls(2);
    bus.emulator.dropConnections();
    await bus.events.publish(pushes('new', 6));
    await until(() => held().locked === 4);
    expect(scan.seen).toHaveLength(2);
    gates.get('old')?.open();
    await scan.calls(4);
    await until(() => held().locked === 2);
    await brokerHasCaughtUp();
    expect(held()).toEqual({ active: 4, locked: 2 });
    gates.get('new')?.open();
    await scan.calls(8);
    await app.close();
    expect(held()).toEqual({ active: 0, locked: 0 });
    expect(scan.attempts()).toEqual(Array(8).fill(1));
  });
});

function pushes(actor: string, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const event = examplePush(`${actor}-${index}`);
    return { ...event, data: { ...event.data, actor } };
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
