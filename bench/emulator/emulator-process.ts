import { startAzureMessagingEmulator } from '@pratique/emulators-azure-messaging';

/** What the emulator's process tells, once. */
export interface EmulatorReport {
  connectionString: string;
  /** How long it took to start on its folder, in milliseconds. */
  startMs: number;
}

// The emulator of a bench, in a process of its own: one topic with one subscription, and duplicate detection as in production.
const [, , storage = 'memory'] = process.argv;
const begun = performance.now();
const emulator = await startAzureMessagingEmulator({
  port: 0,
  storage: storage === 'memory' ? 'memory' : { folder: storage },
  topics: [
    { name: 'bench', duplicateDetectionWindowMs: 600_000, subscriptions: [{ name: 'all', rules: [] }] },
  ],
  eventHubs: [],
});
process.on('disconnect', () => void emulator.close());
const { connectionString } = emulator;
process.send?.({ connectionString, startMs: performance.now() - begun } satisfies EmulatorReport);
