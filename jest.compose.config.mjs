import { shared } from './jest.config.mjs';

// docker-compose.yml as a whole, with the image that the Dockerfile makes.
export default {
  ...shared,
  testMatch: ['<rootDir>/test/compose/**/*.compose-spec.ts'],
  // The image is built and everything is started; on a busy machine, all of that takes minutes.
  testTimeout: 15 * 60_000,
};
