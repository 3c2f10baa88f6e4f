import { startAzureMessagingEmulator } from '@pratique/emulators-azure-messaging';
import { messagingTopology } from '@pratique/messaging';
import type { BrokerQuestion, BrokerReport } from './broker.js';

// The broker of a bench, in a process of its own. It keeps the one subscription that is measured: copies for others that
// nobody takes would only fill its memory.
const [, , folder] = process.argv;
const { topics, eventHubs } = messagingTopology();
const emulator = await startAzureMessagingEmulator({
  port: 0,
  storage: folder === undefined ? 'memory' : { folder },
  topics: topics.map((topic) => ({
    ...topic,
    subscriptions: topic.subscriptions.filter(({ name }) => name === 'scan'),
  })),
  eventHubs,
});

// Fine enough for a figure that takes a second.
const lookEveryMs = 2;

process.on('message', ({ id, until }: BrokerQuestion) => {
  const timer = setInterval(() => {
    const { active, locked } = emulator.subscriptionStats('registry-events', 'scan');
    if (until === 'drained' && active + locked > 0) return;
    clearInterval(timer);
    report({ id, waiting: active + locked });
  }, lookEveryMs);
});
process.on('disconnect', () => void emulator.close());

report({ id: 0, connectionString: emulator.connectionString });

function report(message: BrokerReport): void {
  process.send?.(message);
}
