import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ServiceBusClient } from '@azure/service-bus';
import * as fc from 'fast-check';

import { receive } from './contract/emulator-bench.contract.js';
import {
  type AzureMessagingEmulator,
  type FolderOptions,
  openDiskFile,
  type OpenDiskFile,
  startAzureMessagingEmulator,
} from './index.js';

/** A disk with room for so many more bytes; what does not fit is written in part, as a real one does. */
class SmallDisk {
  constructor(private room: number) {}

  readonly openFile: OpenDiskFile = async (path) => {
    const file = await openDiskFile(path);
    return {
      write: (bytes) => {
        const part = bytes.subarray(0, this.room);
        file.write(part);
        this.room -= part.length;
        if (part.length < bytes.length) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      },
      sync: () => file.sync(),
      close: () => file.close(),
    };
  };
}

describe('disk-faults', () => {
  const closers: (() => Promise<void>)[] = [];
  const folders: string[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'disk-faults-'));
    folders.push(folder);
    return folder;
  }

  async function start(storage: FolderOptions): Promise<AzureMessagingEmulator> {
    const subscriptions = [{ name: 'all', rules: [] }];
    const emulator = await startAzureMessagingEmulator({
      port: 0,
      storage,
      topics: [{ name: 'orders', duplicateDetectionWindowMs: 600_000, subscriptions }],
      eventHubs: [],
    });
    closers.push(() => emulator.close().catch(() => undefined));
    return emulator;
  }

  function serviceBus({ connectionString }: AzureMessagingEmulator): ServiceBusClient {
    const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0 } });
    closers.push(() => client.close());
    return client;
  }

  /** What the disk holds at this moment is what a process finds that starts after SIGKILL. */
  async function startAfterKill(folder: string): Promise<AzureMessagingEmulator> {
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
    return await start({ folder: copy });
  }

  /** Sends one after the other, and gives the bodies that were accepted. */
  async function sendAll(emulator: AzureMessagingEmulator, bodies: readonly string[]): Promise<string[]> {
    const sender = serviceBus(emulator).createSender('orders');
    const accepted: string[] = [];
    for (const body of bodies) {
      await sender.sendMessages({ body, messageId: body }).then(
        () => accepted.push(body),
        () => undefined,
      );
    }
    return accepted;
  }

  function numbered(count: number): string[] {
    return Array.from({ length: count }, (_, index) => `message ${index}`);
  }

  it('refuses what does not fit on the disk, and has everything that it accepted after a restart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1500, max: 6000 }), async (room) => {
        const folder = newFolder();
        const emulator = await start({ folder, openFile: new SmallDisk(room).openFile });

        const accepted = await sendAll(emulator, numbered(60));

        expect(accepted.length).toBeLessThan(60);
        const restarted = await startAfterKill(folder);
        const kept = await receive(
          serviceBus(restarted).createReceiver('orders', 'all'),
          restarted.topicStats('orders').active,
        );
        expect(kept.map(({ body }) => body as string)).toEqual(accepted);
      }),
      { numRuns: 8 },
    );
  });

  it('says at its start that there is no room', async () => {
    const { openFile } = new SmallDisk(50);

    await expect(start({ folder: newFolder(), openFile })).rejects.toMatchObject({ code: 'write-failed' });
  });

  it('refuses a message again that did not fit, though it knows its id', async () => {
    const emulator = await start({ folder: newFolder(), openFile: new SmallDisk(1000).openFile });
    const body = 'x'.repeat(1000);

    expect(await sendAll(emulator, [body, body, body])).toEqual([]);
  });

  it('answers a repeated message only when the first one is safe', async () => {
    const folder = newFolder();
    let letSync = (): void => undefined;
    const maySync = new Promise<void>((resolve) => (letSync = resolve));
    let opened = 0;
    const openFile: OpenDiskFile = async (path) => {
      const file = await openDiskFile(path);
      opened += 1;
      let syncs = 0;
      return {
        write: (bytes) => file.write(bytes),
        // The first one is the snapshot's, at the start.
        sync: async () => {
          if ((syncs += 1) > 1) await maySync;
          await file.sync();
        },
        close: () => file.close(),
      };
    };
    const emulator = await start({ folder, openFile });
    const [first, second] = [1, 2].map(() => serviceBus(emulator).createSender('orders'));
    const answered: string[] = [];

    const sending = [first, second].map(async (sender, index) => {
      await sender?.sendMessages({ body: 1, messageId: 'same' });
      answered.push(`sender ${index}`);
    });
    // A settlement of another connection goes through the whole emulator and back: enough time for a wrong answer.
    await serviceBus(emulator).createReceiver('orders', 'all').peekMessages(1);
    expect(answered).toEqual([]);
    letSync();
    await Promise.all(sending);

    expect(opened).toBe(1);
    expect(emulator.topicStats('orders').active).toBe(1);
  });

  it('rewrites its log while it runs, and has what was outstanding and nothing else after a kill', async () => {
    const folder = newFolder();
    const compactBytes = 20_000;
    const emulator = await start({ folder, compactBytes });
    const client = serviceBus(emulator);
    const receiver = client.createReceiver('orders', 'all');
    const bodies = numbered(610);
    const outstanding = bodies.slice(600);
    await sendAll(emulator, outstanding);
    const held = await receive(receiver, 10);
    for (let round = 0; round < 600; round += 60) {
      await sendAll(emulator, bodies.slice(round, round + 60));
      for (const message of await receive(receiver, 60)) await receiver.completeMessage(message);
    }

    expect(held).toHaveLength(10);
    expect(statSync(join(folder, 'messages.log')).size).toBeLessThan(4 * compactBytes);
    const restarted = await startAfterKill(folder);
    const kept = await receive(serviceBus(restarted).createReceiver('orders', 'all'), 10);
    expect(kept.map(({ body, deliveryCount }) => [body as string, deliveryCount])).toEqual(
      outstanding.map((body) => [body, 1]),
    );
    expect(restarted.topicStats('orders')).toMatchObject({ active: 0, locked: 10 });
    expect(await sendAll(restarted, bodies.slice(0, 50))).toHaveLength(50);
    expect(restarted.topicStats('orders')).toMatchObject({ active: 0, locked: 10 });
  });

  it('goes on with the old log when there is no room for a second one', async () => {
    const folder = newFolder();
    let opened = 0;
    const openFile: OpenDiskFile = async (path) => {
      opened += 1;
      // The first is the log itself.
      return opened === 1 ? openDiskFile(path) : new SmallDisk(50).openFile(path);
    };
    const emulator = await start({ folder, compactBytes: 2000, openFile });

    const accepted = await sendAll(emulator, numbered(30));

    expect(accepted).toHaveLength(30);
    expect(opened).toBeGreaterThan(1);
    expect(readFileSync(join(folder, 'messages.log')).length).toBeGreaterThan(2000);
    expect((await startAfterKill(folder)).topicStats('orders').active).toBe(30);
  });
});
