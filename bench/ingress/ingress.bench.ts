import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchCase } from '../bench.js';
import { Broker } from '../messaging/broker.js';
import { empty } from '../messaging/empty.js';
import { againstBare } from './against-bare.js';
import { dribbleCase } from './dribble.case.js';
import { ServerUnderTest } from './server-under-test.js';
import { stormCase } from './storm.case.js';
import { tailCase } from './tail.case.js';

/**
 * Authenticated pushes of Azure Container Registry over 64 connections.
 *
 * - `acked`: each is answered when a durable broker in another process has it, against Fastify that parses and validates
 * - `journal`: the same while the broker is away, each answered when it is on disk
 * - `storm`: what others wait while one registry sends ten times what it may
 * - `dribble`: how long a thousand clients can hold on that never end their request
 */
export const ingressBench: Bench = async ({ onCase }) => {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-bench-'));
  const bare = await ServerUnderTest.start('bare');
  try {
    await withBroker(folder, bare, onCase);
    await withoutBroker(folder, bare, onCase);
  } finally {
    await bare.stop();
    await rm(folder, { recursive: true });
  }
};

type OnCase = (result: BenchCase) => void;

async function withBroker(folder: string, bare: ServerUnderTest, onCase: OnCase): Promise<void> {
  const broker = await Broker.start(join(folder, 'broker'));
  const { connectionString } = broker;
  const ingress = await ServerUnderTest.start('ingress', { connectionString });
  const tidy = (): Promise<void> => empty(broker);
  try {
    const { rate, cpu } = await againstBare({ name: 'acked', ingress, bare, tidy });
    onCase(rate);
    onCase(cpu);
    onCase(await tailCase({ ingress, perSecond: rate.value / 2, tidy }));
    onCase(await stormCase({ ingress, tidy }));
    for (const result of await dribbleCase(ingress)) onCase(result);
  } finally {
    await ingress.stop();
    await broker.stop();
  }
}

async function withoutBroker(folder: string, bare: ServerUnderTest, onCase: OnCase): Promise<void> {
  const broker = await Broker.start();
  const { connectionString } = broker;
  await broker.stop();
  const ingress = await ServerUnderTest.start('ingress', {
    connectionString,
    journal: join(folder, 'journal'),
  });
  try {
    const nothing = (): Promise<void> => Promise.resolve();
    const { rate, cpu } = await againstBare({ name: 'journal', ingress, bare, tidy: nothing });
    onCase(rate);
    onCase(cpu);
  } finally {
    await ingress.stop();
  }
}
