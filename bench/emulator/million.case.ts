import { setTimeout as pause } from 'node:timers/promises';
import { ServiceBusClient } from './bare-client.js';
import type { BenchCase } from '../bench.js';
import { EmulatorUnderTest } from './emulator-under-test.js';
import { kilobyteMessages } from './kilobyte-messages.js';

const messages = 1_000_000;
const outstanding = 10_000;
const limitMb = 400;
const batch = 100;

/** The most memory that the durable emulator takes while a million messages pass with ten thousand always outstanding. */
export async function millionCase(folder: string): Promise<BenchCase> {
  const emulator = await EmulatorUnderTest.start(folder);
  const client = new ServiceBusClient(emulator.report.connectionString);
  const passed = { sent: 0, completed: 0 };
  let peak = 0;
  const watching = setInterval(() => {
    void emulator.residentMb().then((mb) => (peak = Math.max(peak, mb)));
  }, 200);
  await Promise.all([send(client, passed), receive(client, passed)]);
  clearInterval(watching);
  await client.close();
  await emulator.stop();
  return {
    case: 'million',
    value: Math.round(peak),
    unit: 'MB at the most',
    reference: 'the limit',
    referenceValue: limitMb,
    ratio: Number((peak / limitMb).toFixed(3)),
    rounds: 1,
  };
}

interface Passed {
  sent: number;
  completed: number;
}

async function send(client: ServiceBusClient, passed: Passed): Promise<void> {
  const sender = client.createSender('bench');
  while (passed.sent < messages) {
    if (passed.sent - passed.completed >= outstanding + batch) await pause(1);
    else {
      await sender.sendMessages(kilobyteMessages(batch));
      passed.sent += batch;
    }
  }
}

async function receive(client: ServiceBusClient, passed: Passed): Promise<void> {
  const receiver = client.createReceiver('bench', 'all', { skipParsingBodyAsJson: true });
  while (passed.completed < messages) {
    if (passed.sent < Math.min(messages, passed.completed + outstanding)) await pause(1);
    else {
      const received = await receiver.receiveMessages(5 * batch, { maxWaitTimeInMs: 1000 });
      await Promise.all(received.map((message) => receiver.completeMessage(message)));
      passed.completed += received.length;
    }
  }
}
