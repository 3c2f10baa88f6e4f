import { shared } from './jest.config.mjs';

// Started by test/faults/run-faults.mjs, which says which seeds.
export default {
  ...shared,
  testMatch: ['<rootDir>/test/faults/**/*.faults-spec.ts'],
  testTimeout: 60 * 60 * 1000,
  maxWorkers: 2,
  // Killed workers leave timers of the SDK behind, as a killed process would not.
  forceExit: true,
};
