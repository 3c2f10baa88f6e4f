import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventHubProducerClient } from '@azure/event-hubs';
import { ServiceBusClient } from '@azure/service-bus';

import { receive, receiveOne } from './contract/emulator-bench.contract.js';
import { type AzureMessagingEmulator, ManualClock, startAzureMessagingEmulator } from './index.js';

const retryOptions = { maxRetries: 0, timeoutInMs: 4000 };
const WINDOW_MS = 60_000;

describe('durability', () => {
  const clock = new ManualClock();
  const closers: (() => Promise<void>)[] = [];
  const folders: string[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'azure-messaging-'));
    folders.push(folder);
    return folder;
  }

  async function start(folder: string): Promise<AzureMessagingEmulator> {
    const emulator = await startAzureMessagingEmulator({
      port: 0,
      clock,
      storage: { folder },
      topics: [
        {
          name: 'orders',
          duplicateDetectionWindowMs: WINDOW_MS,
          subscriptions: [
            { name: 'all', rules: [], maxDeliveryCount: 3 },
            { name: 'eu', rules: [{ name: 'eu', correlation: { region: 'eu' } }] },
          ],
        },
      ],
      eventHubs: [{ name: 'hub', partitions: 2 }],
    });
    closers.push(async () => await emulator.close());
    return emulator;
  }

  function serviceBus({ connectionString }: AzureMessagingEmulator): ServiceBusClient {
    const client = new ServiceBusClient(connectionString, { retryOptions });
    closers.push(async () => await client.close());
    return client;
  }

  /** What the disk holds at this moment is what a process finds that starts after SIGKILL. */
  async function startAfterKill(folder: string): Promise<AzureMessagingEmulator> {
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
    return await start(copy);
  }

  it('keeps everything that was accepted when it is killed', async () => {
    const folder = newFolder();
    const first = serviceBus(await start(folder));
    const sender = first.createSender('orders');
    await sender.sendMessages([{ body: 1, applicationProperties: { region: 'eu' } }, { body: 2 }]);
    await sender.sendMessages({ body: { n: 3 }, messageId: 'three', subject: 's' });

    const killed = await startAfterKill(folder);

    expect(killed.subscriptionStats('orders', 'all').active).toBe(3);
    const again = await receive(serviceBus(killed).createReceiver('orders', 'all'), 3);
    expect(again.map(({ body }) => body as unknown)).toEqual([1, 2, { n: 3 }]);
    expect(again[2]).toMatchObject({ messageId: 'three', subject: 's' });
    expect(again.map(({ sequenceNumber }) => String(sequenceNumber))).toEqual(['1', '2', '3']);
    expect(killed.subscriptionStats('orders', 'eu').active).toBe(1);
  });

  it('does not bring back what was settled, and keeps what was dead-lettered with its reason', async () => {
    const folder = newFolder();
    const client = serviceBus(await start(folder));
    await client.createSender('orders').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
    const receiver = client.createReceiver('orders', 'all');
    const [one, two, three] = await receive(receiver, 3);
    if (one === undefined || two === undefined || three === undefined)
      throw new Error('Three messages were sent.');
    await receiver.completeMessage(one);
    await receiver.deadLetterMessage(two, { deadLetterReason: 'bad', deadLetterErrorDescription: '' });
    await receiver.abandonMessage(three, { tried: true });

    const killed = await startAfterKill(folder);

    expect(killed.subscriptionStats('orders', 'all')).toMatchObject({ active: 1, deadLettered: 1 });
    const after = serviceBus(killed);
    expect(
      await receiveOne(after.createReceiver('orders', 'all', { subQueueType: 'deadLetter' })),
    ).toMatchObject({
      body: 2,
      deadLetterReason: 'bad',
    });
    expect(await receiveOne(after.createReceiver('orders', 'all'))).toMatchObject({
      body: 3,
      deliveryCount: 1,
      applicationProperties: { tried: true },
    });
  });

  it('gives a message that was locked when it was killed out again, as one more delivery', async () => {
    const folder = newFolder();
    const client = serviceBus(await start(folder));
    await client.createSender('orders').sendMessages([{ body: 1 }, { body: 2 }]);
    const receiver = client.createReceiver('orders', 'all');
    await receiveOne(receiver);
    // Awaited writes come after all earlier ones, so this settlement brings the note of the first lock to the disk.
    await receiver.completeMessage(await receiveOne(receiver));

    const killed = await startAfterKill(folder);

    const again = await receiveOne(serviceBus(killed).createReceiver('orders', 'all'));
    expect(again).toMatchObject({ body: 1, deliveryCount: 1 });
  });

  it('remembers message ids for the rest of their window', async () => {
    const folder = newFolder();
    await serviceBus(await start(folder))
      .createSender('orders')
      .sendMessages({ body: 1, messageId: 'same' });
    clock.advance(WINDOW_MS - 1);

    const killed = await startAfterKill(folder);
    const sender = serviceBus(killed).createSender('orders');
    await sender.sendMessages({ body: 1, messageId: 'same' });
    expect(killed.subscriptionStats('orders', 'all').active).toBe(1);

    clock.advance(1);
    await sender.sendMessages({ body: 1, messageId: 'same' });
    expect(killed.subscriptionStats('orders', 'all').active).toBe(2);
  });

  it('keeps scheduled messages, and releases at the start what became due in the meantime', async () => {
    const folder = newFolder();
    const sender = serviceBus(await start(folder)).createSender('orders');
    const at = (ms: number): Date => new Date(clock.now() + ms);
    const [cancelled] = await sender.scheduleMessages({ body: 'cancelled' }, at(1000));
    await sender.scheduleMessages({ body: 'due', applicationProperties: { region: 'eu' } }, at(1000));
    await sender.scheduleMessages({ body: 'later' }, at(2000));
    if (cancelled === undefined) throw new Error('A message was scheduled.');
    await sender.cancelScheduledMessages(cancelled);
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
    clock.advance(1500);

    const killed = await start(copy);

    expect(killed.subscriptionStats('orders', 'all')).toMatchObject({ active: 1, scheduled: 1 });
    expect(killed.subscriptionStats('orders', 'eu')).toMatchObject({ active: 1, scheduled: 0 });
    clock.advance(500);
    expect(killed.subscriptionStats('orders', 'all')).toMatchObject({ active: 2, scheduled: 0 });
  });

  it('keeps events with their numbers, and goes on counting where it stopped', async () => {
    const folder = newFolder();
    const before = await start(folder);
    const produce = async (emulator: AzureMessagingEmulator, count: number): Promise<void> => {
      const producer = new EventHubProducerClient(emulator.connectionString, 'hub', { retryOptions });
      closers.push(async () => await producer.close());
      await producer.sendBatch(
        Array.from({ length: count }, (_, body) => ({ body })),
        { partitionId: '1' },
      );
    };
    await produce(before, 3);

    const killed = await startAfterKill(folder);
    expect(killed.eventHubStats('hub').partitions[1]).toEqual({ id: '1', events: 3, lastSequenceNumber: 2 });
    await produce(killed, 2);

    expect(killed.eventHubStats('hub').partitions[1]).toEqual({ id: '1', events: 5, lastSequenceNumber: 4 });
  });

  it('survives any number of restarts without growing or changing', async () => {
    const folder = newFolder();
    const first = await start(folder);
    await serviceBus(first)
      .createSender('orders')
      .sendMessages([{ body: 1 }, { body: 2 }]);
    await first.close();
    for (let restart = 0; restart < 3; restart += 1) await (await start(folder)).close();

    const last = await start(folder);

    const messages = await receive(serviceBus(last).createReceiver('orders', 'all'), 2);
    expect(messages.map(({ body, deliveryCount }) => [body as number, deliveryCount])).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('refuses a folder that a running emulator has', async () => {
    const folder = newFolder();
    await start(folder);

    await expect(start(folder)).rejects.toMatchObject({ code: 'in-use' });
  });
});
