// npm run test:fuzz -- [--requests N] [--seed S]: N requests to ingress, over all kinds of registry. A failure prints its seed.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { requests: { type: 'string' }, seed: { type: 'string' } },
});
const { requests = '50000', seed = '1' } = values;
for (const number of [requests, seed]) {
  if (!/^\d{1,9}$/.test(number)) {
    console.error(`--requests and --seed are whole numbers, not '${number}'.`);
    process.exit(2);
  }
}

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const child = spawn(process.execPath, [jest, '--config', 'jest.fuzz.config.mjs'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_REQUESTS: requests, FUZZ_SEED: seed },
});
child.on('exit', (code) => process.exit(code ?? 1));
