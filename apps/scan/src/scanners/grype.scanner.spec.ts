import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeProgram, fakeProgram } from '../../test/fake-program.js';
import { describeScanner, type ScannerBehaviour } from './scanner.contract.js';

const report = readFileSync(join(__dirname, 'fixtures/grype-report.json'), 'utf8');
const hour = 3_600_000;

describe('scan/scanners/grype', () => {
  describeScanner('grype', {
    start: (behaviour) => Promise.resolve(fakeGrype(behaviour)),
    first: {
      epss: 0.42,
      knownExploited: true,
      purl: 'pkg:apk/alpine/openssl@3.0.1?arch=x86_64&distro=alpine-3.19.1',
      path: '/lib/apk/db/installed',
    },
    sbom: { bomFormat: 'CycloneDX', metadata: { tools: { components: [{ name: 'syft' }] } } },
    tellsUnrecognised: true,
  });
});

function fakeGrype(behaviour: ScannerBehaviour): FakeProgram {
  const age = behaviour === 'old' ? 30 * 24 * hour : hour;
  const built = behaviour === 'ageless' ? '' : new Date(Date.now() - age).toISOString();
  const filled = report.replace('{built}', built);
  const empty = { ...(JSON.parse(filled) as object), matches: [], distro: { name: '', version: '' } };
  return fakeProgram('grype', behaviour, {
    '--output': behaviour === 'finds-nothing' ? JSON.stringify(empty) : filled,
  });
}
