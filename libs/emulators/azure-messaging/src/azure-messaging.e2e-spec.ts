import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeEventHubs } from './contract/event-hubs.contract.js';
import { describeFaults } from './contract/faults.contract.js';
import { describeManagement } from './contract/management.contract.js';
import { describeScheduling } from './contract/scheduling.contract.js';
import { describeSettling } from './contract/settling.contract.js';
import { describeTopics } from './contract/topics.contract.js';
import type { EmulatorOptions } from './emulator-options.js';

const folders: string[] = [];

function newFolder(): EmulatorOptions['storage'] {
  const folder = mkdtempSync(join(tmpdir(), 'azure-messaging-'));
  folders.push(folder);
  return { folder };
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const storages: [string, () => EmulatorOptions['storage']][] = [
  ['in memory', () => 'memory'],
  ['in a folder', newFolder],
];

describe('azure-messaging', () => {
  describeFaults(() => 'memory');

  describe.each(storages)('%s', (_, storage) => {
    describeTopics(storage);
    describeSettling(storage);
    describeScheduling(storage);
    describeManagement(storage);
    describeEventHubs(storage);
  });
});
