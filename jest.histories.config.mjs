import { shared } from './jest.config.mjs';

// Thousands of histories of two registries, followed by real workers: some minutes.
export default {
  ...shared,
  testMatch: ['<rootDir>/test/histories/**/*.histories-spec.ts'],
  testTimeout: 30 * 60_000,
};
