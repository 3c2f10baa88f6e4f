import { shared } from './jest.config.mjs';

// These start the built services as processes of their own: run `npm run build` first.
export default {
  ...shared,
  testMatch: ['<rootDir>/test/e2e/**/*.e2e-spec.ts'],
  testTimeout: 60_000,
};
