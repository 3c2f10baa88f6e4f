import { shared } from './jest.config.mjs';

// Started by test/fuzz/run-fuzz.mjs, which says how many requests; a few run with the other end-to-end tests.
export default {
  ...shared,
  testMatch: ['<rootDir>/test/fuzz/**/*.e2e-spec.ts'],
  testTimeout: 60 * 60 * 1000,
};
