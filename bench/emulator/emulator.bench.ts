import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient } from './bare-client.js';
import type { Bench, BenchCase } from '../bench.js';
import { compareInTurn } from '../compare-in-turn.js';
import { EmulatorUnderTest } from './emulator-under-test.js';
import { kilobyteMessages } from './kilobyte-messages.js';
import { millionCase } from './million.case.js';

const sends = 15_000;
const concurrency = 64;
const recovered = 100_000;
const limitMs = 5_000;

/**
 * - `send-durable`: 64 sends at a time, each on disk before it is answered, against the same in memory
 * - `recover`: the start on 100,000 messages that a killed emulator has left, against the limit of five seconds
 * - `million`: the memory while a million messages pass, against the limit of 400 MB; takes minutes
 */
export const emulatorBench: Bench = async ({ onCase }) => {
  onCase(
    await compareInTurn({
      case: 'send-durable',
      unit: 'messages/s',
      reference: 'the same emulator in memory',
      measureReference: () => sendRate('memory'),
      measure: () => inFolder(sendRate),
    }),
  );
  onCase(await inFolder(recoverCase));
  onCase(await inFolder(millionCase));
};

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-emulator-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function sendRate(storage: string): Promise<number> {
  const emulator = await EmulatorUnderTest.start(storage);
  const client = new ServiceBusClient(emulator.report.connectionString);
  await sendAll(client, 2_000);
  const begun = performance.now();
  await sendAll(client, sends);
  const rate = (sends * 1000) / (performance.now() - begun);
  await client.close();
  await emulator.stop();
  return rate;
}

async function sendAll(client: ServiceBusClient, count: number): Promise<void> {
  const sender = client.createSender('bench');
  const messages = kilobyteMessages(count);
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let next = messages.pop(); next !== undefined; next = messages.pop()) {
        await sender.sendMessages(next);
      }
    }),
  );
  await sender.close();
}

async function recoverCase(folder: string): Promise<BenchCase> {
  const first = await EmulatorUnderTest.start(folder);
  const client = new ServiceBusClient(first.report.connectionString);
  await sendAll(client, recovered);
  await client.close();
  await first.kill();
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const again = await EmulatorUnderTest.start(folder);
    times.push(again.report.startMs);
    await again.kill();
  }
  const value = times.toSorted((a, b) => a - b)[2] ?? Number.NaN;
  return {
    case: 'recover',
    value: Math.round(value),
    unit: `ms for ${recovered} messages`,
    reference: 'the limit',
    referenceValue: limitMs,
    ratio: Number((value / limitMs).toFixed(3)),
    rounds: times.length,
  };
}
