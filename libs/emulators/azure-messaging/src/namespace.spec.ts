import { CONFORMANCE, CONFORMANCE_EVENTS, describeNamespace } from './contract/namespace.contract.js';
import { type AzureMessagingEmulator, startAzureMessagingEmulator } from './index.js';

describe('namespace', () => {
  let emulator: AzureMessagingEmulator;

  beforeAll(async () => {
    emulator = await startAzureMessagingEmulator({
      port: 0,
      storage: 'memory',
      topics: [
        {
          name: CONFORMANCE,
          duplicateDetectionWindowMs: 600_000,
          subscriptions: [
            { name: 'all', rules: [] },
            { name: 'eu', rules: [{ name: 'eu', sql: "region = 'eu'" }] },
          ],
        },
      ],
      eventHubs: [{ name: CONFORMANCE_EVENTS, partitions: 2 }],
    });
  });

  afterAll(async () => {
    await emulator.close();
  });

  describeNamespace(() => ({
    serviceBus: emulator.connectionString,
    eventHubs: emulator.connectionString,
  }));
});
