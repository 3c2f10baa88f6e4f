// npm run test:faults -- [--seeds N] [--seed S]: N seeds from S on. A failure prints its seed, which repeats it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seeds: { type: 'string' }, seed: { type: 'string' } },
});
const first = values.seed ?? '1';
const count = values.seeds ?? (values.seed === undefined ? '200' : '1');
for (const number of [first, count]) {
  if (!/^\d{1,9}$/.test(number)) {
    console.error(`--seeds and --seed are whole numbers, not '${number}'.`);
    process.exit(2);
  }
}

// What is left of dead workers slows a process down, so many seeds are shared among several, one after the other. Each gets enough
// to break every step in every way (see run-seeds.ts).
const seedsInAProcess = 1_250;

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const [start, end] = [Number(first), Number(first) + Number(count)];
for (let from = start; from < end; from += seedsInAProcess) {
  const seeds = Math.min(seedsInAProcess, end - from);
  if (Number(count) > seedsInAProcess) console.error(`Seeds ${from} to ${from + seeds - 1} of ${end - 1}`);
  const child = spawn(process.execPath, [jest, '--config', 'jest.faults.config.mjs'], {
    stdio: 'inherit',
    env: { ...process.env, FAULTS_SEED: String(from), FAULTS_SEEDS: String(seeds) },
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) process.exit(code ?? 1);
}
