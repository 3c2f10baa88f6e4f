import { shared } from './jest.config.mjs';

// Against the namespace that the environment names: docs/emulator.md.
export default {
  ...shared,
  testMatch: ['<rootDir>/libs/emulators/azure-messaging/test/**/*.conformance-spec.ts'],
  testTimeout: 60_000,
};
