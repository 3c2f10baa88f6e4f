import type { BenchCase } from '../bench.js';
import { compareInTurn } from '../compare-in-turn.js';
import { allAccepted, connections, type Destination, flood } from './load.js';
import type { ServerUnderTest } from './server-under-test.js';

// Enough for a figure of a second.
const requests = 10_000;
// For the compiler of V8: until about so many, the rate of ingress grows with every ten thousand.
const warmUpRequests = 40_000;

interface Measured {
  perSecond: number;
  cpuMicroseconds: number;
}

/** Requests per second of ingress beside those of bare Fastify, and the processor time that each of both spends on one. */
export async function againstBare(options: {
  name: string;
  ingress: ServerUnderTest;
  bare: ServerUnderTest;
  /** After each measurement of ingress. */
  tidy: () => Promise<void>;
}): Promise<{ rate: BenchCase; cpu: BenchCase }> {
  const { name, ingress, bare, tidy } = options;
  const cpu: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (const { port } of [bare, ingress]) await flood({ port, registry: 'vendor' }, warmUpRequests);
  await tidy();
  const rate = await compareInTurn({
    case: name,
    unit: 'requests/s',
    reference: `Fastify that parses and validates, ${connections} connections`,
    measureReference: async () => {
      const { perSecond, cpuMicroseconds } = await measure(bare);
      cpu.theirs.push(cpuMicroseconds);
      return perSecond;
    },
    measure: async () => {
      const { perSecond, cpuMicroseconds } = await measure(ingress);
      cpu.ours.push(cpuMicroseconds);
      await tidy();
      return perSecond;
    },
  });
  return { rate, cpu: cpuCase(name, cpu) };
}

async function measure(server: ServerUnderTest): Promise<Measured> {
  const to: Destination = { port: server.port, registry: 'vendor' };
  const before = await server.cpuMicroseconds();
  const { answered, seconds } = allAccepted(await flood(to, requests));
  const cpuMicroseconds = ((await server.cpuMicroseconds()) - before) / answered;
  return { perSecond: answered / seconds, cpuMicroseconds };
}

/** The warm-up left out, as it is of the rate. */
function cpuCase(name: string, { ours, theirs }: { ours: number[]; theirs: number[] }): BenchCase {
  const [, ...rounds] = ours.map((value, index) => ({ value, reference: theirs[index] ?? Number.NaN }));
  return {
    case: `${name}, processor`,
    value: Math.round(median(rounds.map(({ value }) => value))),
    unit: 'µs/request',
    reference: 'Fastify that parses and validates',
    referenceValue: Math.round(median(rounds.map(({ reference }) => reference))),
    ratio: Number(median(rounds.map(({ value, reference }) => value / reference)).toFixed(2)),
    rounds: rounds.length,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
