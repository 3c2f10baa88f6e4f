// The arrows of ARCHITECTURE.md, checked on every import between files.
const app = '^apps/([^/]+)/';
// Specs, contract suites, and the folders of what only they use.
const specs = '\\.(spec|e2e-spec|contract)\\.ts$|/test/|/src/testing/';

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-app-imports-another',
      comment: 'Standalone alone composes the modules of the others.',
      severity: 'error',
      from: { path: app, pathNot: '^apps/(standalone|cli)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'cli-knows-the-settings-of-the-apps-only',
      comment:
        'pratique validate checks a file as the services do, with their own schemas and their own word for a gate.',
      severity: 'error',
      // These two do what sync does, on demand: its planner and its reconciliation.
      from: {
        path: '^apps/cli/',
        pathNot: '^apps/cli/src/(sync-rules|plan-lines|verbs/(plan|reconcile)\\.verb)\\.ts$',
      },
      to: {
        path: '^apps/',
        pathNot:
          '^apps/cli/|\\.settings\\.ts$|^apps/sync/src/gate-of\\.ts$|' +
          // pratique policy test judges stored reports as scan does.
          '^apps/scan/src/(build-scan-report|checks/checks|read-reports|replay-policy|scan-policy|scan-report)\\.ts$',
      },
    },
    { name: 'no-lib-imports-an-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'contracts-import-nothing-of-ours',
      severity: 'error',
      from: { path: '^libs/contracts/' },
      to: { path: '^(libs|apps)/', pathNot: '^libs/contracts/' },
    },
    {
      name: 'config-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^libs/config/' },
      to: { path: '^(libs|apps)/', pathNot: '^libs/config/' },
    },
    {
      name: 'oci-knows-contracts-only',
      severity: 'error',
      from: { path: '^libs/oci/', pathNot: specs },
      to: { path: '^(libs|apps)/', pathNot: '^libs/(oci|contracts)/' },
    },
    {
      name: 'services-do-not-know-the-emulators',
      comment: 'Only standalone and tests run on emulators.',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: `^apps/(standalone|emulator)/|^libs/(emulators|testing)/|${specs}`,
      },
      to: { path: '^libs/(emulators|testing)/' },
    },
    {
      name: 'no-deep-imports-into-a-lib',
      severity: 'error',
      from: { path: '^(apps|libs)/' },
      to: { path: '^libs/.+', pathNot: '/src/index\\.ts$|^$1', dependencyTypes: ['aliased'] },
    },
    {
      name: 'no-undeclared-package',
      severity: 'error',
      from: { path: '^(apps|libs)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    {
      name: 'no-development-package-in-production',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: `${specs}|^libs/testing/` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
