import { resolve } from 'node:path';
import {
  type AzureMessagingEmulator,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import {
  MessagingClients,
  messagingSettingsFor,
  messagingTopology,
  RegistryEventPublisher,
} from '@pratique/messaging';
import { RunningProcess } from '../../processes/child-process.js';
import { until } from '../../processes/until.js';
import { pushOf } from '../images.js';

const availableWithinMs = 1_000;

describe('SIGTERM while a handler has ten minutes of work', () => {
  let emulator: AzureMessagingEmulator;
  let clients: MessagingClients;

  beforeEach(async () => {
    emulator = await startAzureMessagingEmulator({ port: 0, storage: 'memory', ...messagingTopology() });
    clients = new MessagingClients(messagingSettingsFor(emulator.connectionString));
  });

  afterEach(async () => {
    await clients.close();
    await emulator.close();
  });

  const isAvailable = (): true | undefined => {
    const { active, locked } = emulator.subscriptionStats('registry-events', 'scan');
    return active === 1 && locked === 0 ? true : undefined;
  };

  /** A process that is at work on a message, which nobody else has. */
  async function atWork(nature: 'attentive' | 'stubborn', deadlineMs: number): Promise<RunningProcess> {
    const file = resolve('dist', 'test', 'faults', 'processes', 'ten-minute-process.js');
    const args = [file, emulator.connectionString, nature, String(deadlineMs)];
    const service = RunningProcess.start(process.execPath, args);
    await service.line(/ten-minutes answers at/);
    await new RegistryEventPublisher(clients).publish(pushOf('long'));
    await service.line(/^at work$/);
    expect(isAvailable()).toBeUndefined();
    return service;
  }

  it('gives the message back within a second and ends with 0, when the handler heeds its signal', async () => {
    const service = await atWork('attentive', 20_000);
    const told = performance.now();
    const ended = service.stop('SIGTERM');
    await until(() => Promise.resolve(isAvailable()), { what: 'the message to be available again' });
    expect(performance.now() - told).toBeLessThan(availableWithinMs);
    expect(await ended).toBe(0);
  });

  it('gives it back within a second of the deadline and ends with 0, when the handler does not', async () => {
    const deadlineMs = 2_000;
    const service = await atWork('stubborn', deadlineMs);
    const told = performance.now();
    const ended = service.stop('SIGTERM');
    await until(() => Promise.resolve(isAvailable()), { what: 'the message to be available again' });
    const waited = performance.now() - told;
    expect(waited).toBeGreaterThanOrEqual(deadlineMs);
    expect(waited).toBeLessThan(deadlineMs + availableWithinMs);
    expect(await ended).toBe(0);
  });
});
