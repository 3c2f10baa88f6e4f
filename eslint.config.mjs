import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// The arrows of ARCHITECTURE.md. dependency-cruiser checks them again between files; here the editor shows them at once.
const azureMessaging = ['@azure/service-bus', '@azure/event-hubs'];
const nest = ['@nestjs/*', 'nestjs-*'];

/** Refuses imports, and says where the thing belongs. */
function noImports(...groups) {
  return { 'no-restricted-imports': ['error', { patterns: [...deepImports, ...groups] }] };
}

const deepImports = [
  {
    group: ['@pratique/*/*'],
    message: 'Import a lib by its name: only what its index.ts exports is its public face.',
  },
  { group: ['@jest/globals'], message: 'Use the global jest: jest.mock is not hoisted otherwise.' },
];
const onlyMessaging = {
  group: azureMessaging,
  message: 'Only libs/messaging knows the Azure messaging SDKs.',
};
const noNest = { group: nest, message: 'This lib knows no framework: take what you need as an argument.' };
const noAzure = {
  group: ['@azure/*'],
  message: 'This lib knows no Azure: what only Azure does belongs to libs/acr or libs/messaging.',
};
const noApps = {
  group: ['**/apps/**', '@pratique/standalone'],
  message: 'Nothing imports an app; only standalone composes their modules.',
};

const budgets = {
  'max-lines': ['warn', { max: 200, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['warn', { max: 40, skipBlankLines: true, skipComments: true }],
  'max-params': ['warn', 3],
  complexity: ['warn', 8],
};

const bans = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals, or a const object.' },
  { selector: 'ExportAllDeclaration', message: 'Export by name: the public face is a decision.' },
  { selector: 'ExportDefaultDeclaration', message: 'Export by name, so that everybody calls it the same.' },
  {
    selector: "CallExpression[callee.name='forwardRef']",
    message: 'A cycle means that a third thing is missing.',
  },
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Read the environment through libs/config, and pass settings on.',
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.pratique/', 'node_modules/', '**/*.d.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...budgets,
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...bans],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Methods that must return a promise are often written async, so that a throw is a rejection too.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // A schema and the type inferred from it share one name on purpose.
      '@typescript-eslint/no-redeclare': 'off',
      'no-redeclare': 'off',
      ...noImports(onlyMessaging),
    },
  },
  { files: ['libs/messaging/**/*.ts'], rules: noImports(noApps) },
  { files: ['libs/config/**/*.ts'], rules: noImports(onlyMessaging, noNest, noAzure, noApps) },
  {
    files: ['libs/config/src/environment.ts'],
    rules: { 'no-restricted-syntax': ['error', ...bans.filter(({ selector }) => !selector.includes('env'))] },
  },
  {
    files: ['libs/contracts/**/*.ts', 'libs/oci/**/*.ts', 'libs/registries/**/*.ts'],
    rules: noImports(onlyMessaging, noNest, noAzure, noApps),
  },
  // The emulators are driven by the real clients, so their specs, and only those, import the clients.
  { files: ['libs/emulators/**/*.ts'], rules: noImports(noNest, noApps) },
  {
    files: ['**/*.spec.ts', '**/*.contract.ts', '**/*.e2e-spec.ts', 'test/**/*.ts', '**/test/**/*.ts'],
    rules: {
      ...noImports(),
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // NestFactory's options are typed as a class, and everybody gives a literal.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Jest's asymmetric matchers are typed any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
