import type { BenchCase } from '../bench.js';
import { allAccepted, paced, percentile } from './load.js';
import type { ServerUnderTest } from './server-under-test.js';

const rounds = 5;
const seconds = 4;
const limitMs = 50;

/** How long the slowest of a hundred waits for its answer at half of the rate that ingress can take. */
export async function tailCase(options: {
  ingress: ServerUnderTest;
  perSecond: number;
  tidy: () => Promise<void>;
}): Promise<BenchCase> {
  const { ingress, perSecond, tidy } = options;
  const tails: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { latencies } = allAccepted(
      await paced({ port: ingress.port, registry: 'vendor' }, { perSecond, seconds }),
    );
    tails.push(percentile(latencies, 0.99));
    await tidy();
  }
  const value = tails.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  return {
    case: `acked, p99 at ${Math.round(perSecond)}/s`,
    value: Number(value.toFixed(1)),
    unit: 'ms',
    reference: 'the limit',
    referenceValue: limitMs,
    ratio: Number((value / limitMs).toFixed(3)),
    rounds,
  };
}
