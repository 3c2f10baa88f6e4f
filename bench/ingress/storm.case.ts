import type { BenchCase } from '../bench.js';
import { allAccepted, paced, percentile } from './load.js';
import type { ServerUnderTest } from './server-under-test.js';

const rounds = 5;
const seconds = 5;
// What a registry may send, and ten times as much.
const allowed = 200;
const storm = { perSecond: 10 * allowed, seconds };
const calm = { perSecond: 100, seconds, over: 8 };

/** What one registry waits while another sends ten times what it may, beside what it waits while that is silent. */
export async function stormCase(options: {
  ingress: ServerUnderTest;
  tidy: () => Promise<void>;
}): Promise<BenchCase> {
  const { ingress, tidy } = options;
  const { port } = ingress;
  const tail = async (): Promise<number> => {
    const { latencies } = allAccepted(await paced({ port, registry: 'quiet' }, calm));
    return percentile(latencies, 0.99);
  };
  const figures: { idle: number; stormy: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const idle = await tail();
    const [stormy, { statuses }] = await Promise.all([tail(), paced({ port, registry: 'noisy' }, storm)]);
    if ((statuses.get(429) ?? 0) < storm.perSecond) throw new Error('the storm was not held back');
    // The first is the warm-up.
    if (round > 0) figures.push({ idle, stormy });
    await tidy();
  }
  return {
    case: 'storm, p99 of others',
    value: Number(median(figures.map(({ stormy }) => stormy)).toFixed(1)),
    unit: 'ms',
    reference: 'without the storm',
    referenceValue: Number(median(figures.map(({ idle }) => idle)).toFixed(1)),
    ratio: Number(median(figures.map(({ idle, stormy }) => stormy / idle)).toFixed(2)),
    rounds,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
