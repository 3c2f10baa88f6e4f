import { shared } from './jest.config.mjs';

export default {
  ...shared,
  testMatch: ['<rootDir>/test/interop/**/*.interop-spec.ts'],
  testTimeout: 60_000,
};
