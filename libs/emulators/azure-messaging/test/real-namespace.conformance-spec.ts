import { environmentVariable } from '@pratique/config';

import { describeNamespace } from '../src/contract/namespace.contract.js';

// The same suite that the emulator passes, against whatever the environment names; docs/emulator.md says what must exist there.
describe('conformance', () => {
  describeNamespace(() => ({
    serviceBus: connectionString('SERVICEBUS_CONNECTION_STRING'),
    eventHubs: connectionString('EVENTHUBS_CONNECTION_STRING'),
  }));
});

function connectionString(name: string): string {
  const value = environmentVariable(name);
  if (value !== undefined && value !== '') return value;
  throw new Error(
    `Set ${name} to the connection string of the namespace to test. docs/emulator.md tells how.`,
  );
}
