import { shared } from './jest.config.mjs';

// Whole services on emulators, beside their code, and the built ones as processes of their own in test/e2e: those need
// `npm run build` first.
export default {
  ...shared,
  testMatch: ['<rootDir>/{apps,libs,test}/**/*.e2e-spec.ts'],
  testTimeout: 60_000,
};
