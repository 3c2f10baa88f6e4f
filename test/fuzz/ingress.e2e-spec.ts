import { environmentVariable } from '@pratique/config';
import { fuzzIngress } from './fuzz-ingress.js';

// Some seconds' worth with the other end-to-end tests; run-fuzz.mjs sets both.
const asked = environmentVariable('FUZZ_REQUESTS');
const requests = Number(asked ?? 1_500);
const seed = Number(environmentVariable('FUZZ_SEED') ?? 1);
// Below this the process has not settled.
const enoughForMemory = 20_000;
// A limit against hanging: a million take a quarter of an hour where nothing else runs.
const limitMs = 10 * 60_000 + requests * 100;

describe('ingress, fuzzed', () => {
  it(
    `accepts nothing without a proof, fails at nothing and is slow at nothing (seed ${seed})`,
    async () => {
      const report = await fuzzIngress(requests, seed);
      const { early, late } = report.residentMb;
      if (asked !== undefined) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);

      expect(report.violations).toEqual([]);
      expect(report.unreadable).toEqual([]);
      expect(report.neverAccepted).toEqual([]);
      if (requests >= enoughForMemory) expect(late - early).toBeLessThan(64);
    },
    limitMs,
  );
});
