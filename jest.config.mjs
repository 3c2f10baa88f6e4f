// Everything, node_modules too, is transformed to CommonJS: Jest's own loader for ES modules cannot load the
// Azure packages (docs/adr/0002-toolchain.md). Production runs ES modules; test/e2e starts the built services.
const swc = {
  jsc: {
    target: 'es2024',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
  module: { type: 'commonjs' },
};

export const shared = {
  testEnvironment: 'node',
  transform: {
    '/node_modules/@electric-sql/pglite/.+\\.c?js$': ['<rootDir>/tools/jest-transform-pglite.mjs', swc],
    '^.+\\.[cm]?[jt]s$': ['@swc/jest', swc],
  },
  transformIgnorePatterns: [],
  moduleNameMapper: {
    // Threads load their code by themselves, so that in tests it is another file.
    '^\\./thread-code\\.js$': '<rootDir>/apps/scan/test/thread-code-from-sources.ts',
    '^@pratique/emulators-(.*)$': '<rootDir>/libs/emulators/$1/src/index.ts',
    '^@pratique/(.*)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  // Jest leaves one core to others; a test run has no others.
  maxWorkers: '100%',
};

export default {
  ...shared,
  testMatch: ['<rootDir>/{apps,libs,test}/**/*.spec.ts'],
  // A limit against hanging, not a claim about speed: machines that build and test at once are slow.
  testTimeout: 30_000,
};
