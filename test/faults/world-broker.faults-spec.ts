import { MessagingClients, messagingSettingsFor, RegistryEventPublisher } from '@pratique/messaging';
import { pushOf } from './images.js';
import { JumpingClock } from './jumping-clock.js';
import { tuning } from './worker.js';
import { WorldBroker } from './world-broker.js';

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
});

function startBroker(): Promise<WorldBroker> {
  return WorldBroker.start({
    clock: new JumpingClock(),
    intercept: () => Promise.resolve('proceed'),
    duplicateDetection: true,
  });
}
