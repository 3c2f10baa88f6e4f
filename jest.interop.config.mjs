import { shared } from './jest.config.mjs';

export default {
  ...shared,
  testMatch: ['<rootDir>/test/{interop,deploy}/**/*.interop-spec.ts'],
  testTimeout: 60_000,
};
