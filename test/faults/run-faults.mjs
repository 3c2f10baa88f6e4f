// npm run test:faults -- [--seeds N] [--seed S]: N seeds from S on. A failure prints its seed, which repeats it.
import { spawn } from 'node:child_process';
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

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const child = spawn(process.execPath, [jest, '--config', 'jest.faults.config.mjs'], {
  stdio: 'inherit',
  env: { ...process.env, FAULTS_SEED: first, FAULTS_SEEDS: count },
});
child.on('exit', (code) => process.exit(code ?? 1));
