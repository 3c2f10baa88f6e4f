import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessagingClients, messagingSettingsFor, RegistryEventPublisher } from '@pratique/messaging';
import { pushOf } from './images.js';
import { JumpingClock } from './jumping-clock.js';
import { tuning } from './worker.js';
import { WorldBroker, type WorldBrokerOptions } from './world-broker.js';

describe('the broker of a world', () => {
  // A worker of another world acted on a message here, so the history had its outcome and not its effect.
  it('takes nothing from a client of another world, which may find it at the port of a dead one', async () => {
    const [dead, broker] = await Promise.all([startBroker(), startBroker()]);
    const stray = dead.connectionString.replace(`:${dead.port};`, `:${broker.port};`);
    await dead.close();
    const [astray, atHome] = [stray, broker.connectionString].map(
      (connection) => new MessagingClients(messagingSettingsFor(connection, tuning)),
    ) as [MessagingClients, MessagingClients];
    try {
      await expect(new RegistryEventPublisher(astray).publish(pushOf('stray'))).rejects.toThrow();
      expect(broker.remains().pending).toBe(0);
      await new RegistryEventPublisher(atHome).publish(pushOf('own'));
      expect(broker.remains().pending).toBeGreaterThan(0);
    } finally {
      await Promise.all([astray.close(), atHome.close()]);
      await broker.close();
    }
  });

  // The world broke instead of the broker: a fault came while another one was starting.
  it('starts in the place of a dead one although the disk is said to be full meanwhile', async () => {
    const folders: string[] = [];
    const newFolder = (): string => {
      folders.push(mkdtempSync(join(tmpdir(), 'faults-')));
      return folders.at(-1) ?? '';
    };
    const broker = await startBroker({ newFolder });
    try {
      const replaced = broker.replace();
      broker.fillDisk();
      await (
        await replaced
      ).deadIsGone;
      const clients = new MessagingClients(messagingSettingsFor(broker.connectionString, tuning));
      await new RegistryEventPublisher(clients).publish(pushOf('after'));
      await clients.close();
      expect(broker.remains().pending).toBeGreaterThan(0);
    } finally {
      await broker.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    }
  });
});

function startBroker({ newFolder }: Pick<WorldBrokerOptions, 'newFolder'> = {}): Promise<WorldBroker> {
  return WorldBroker.start({
    clock: new JumpingClock(),
    intercept: () => Promise.resolve('proceed'),
    duplicateDetection: true,
    newFolder,
  });
}
