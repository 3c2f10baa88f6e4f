import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { type FakeProgram, fakeProgram } from '../../test/fake-program.js';
import { digestOf, RepositoryName } from '@pratique/contracts';
import type { RegistryClient } from '@pratique/oci';
import { describeScanner, type ScannerBehaviour } from './scanner.contract.js';
import { openScanners, ScannersSection } from './scanners.js';
import { readTrivyServerVersion } from './trivy-server.js';

const report = readFileSync(join(__dirname, 'fixtures/trivy-report.json'), 'utf8');
const hour = 3_600_000;

describe('scan/scanners/trivy', () => {
  describeScanner('trivy', {
    start: (behaviour) => Promise.resolve(fakeTrivy(behaviour)),
    first: {
      purl: 'pkg:apk/alpine/openssl@3.0.1?arch=x86_64&distro=3.19.1',
      layer: 'sha256:4abcf20661432fb2d719aaf90656f55c287f8ca915dc1c92ec14ff61e67fbaf8',
      link: 'https://avd.aquasec.com/nvd/cve-2026-1111',
    },
    sbom: { bomFormat: 'CycloneDX', metadata: { tools: [{ vendor: 'aquasecurity', name: 'trivy' }] } },
    tellsUnrecognised: true,
  });

  describe('with a server', () => {
    let server: Server;
    let answer: { status: number; body: string };

    beforeEach(async () => {
      server = createServer((_request, response) => {
        response.statusCode = answer.status;
        response.end(answer.body);
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
    });

    afterEach(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    it('lets the program ask the server, and shows nobody with what rights it pulls', async () => {
      answer = { status: 200, body: versionOf(new Date()) };
      const fake = fakeTrivy('answers');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const [scanner] = openScanners(
        ScannersSection.parse([{ name: 'it', ...fake.settings, server: { url } }]),
      ).values();
      const client = {
        ...{ host: 'registry.example', origin: 'https://registry.example' },
        pullAuthorization: () => Promise.resolve('Bearer t0ken'),
      } as unknown as RegistryClient;
      const report = await scanner?.scan({
        ...{ client, repository: RepositoryName.parse('team/app'), digest: digestOf('image') },
        signal: new AbortController().signal,
      });
      const told = fake.arguments();
      await fake.stop();

      expect(report?.scanner.database?.updatedAt).toBeDefined();
      expect(told).toMatch(
        new RegExp(`^image .* --server ${url} registry.example/team/app@sha256:[0-9a-f]{64}\n$`),
      );
      expect(told).not.toContain('t0ken');
    });

    it('lets the server judge a list, with no right to pull', async () => {
      answer = { status: 200, body: versionOf(new Date()) };
      const fake = fakeTrivy('answers');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const [scanner] = openScanners(
        ScannersSection.parse([{ name: 'it', ...fake.settings, server: { url } }]),
      ).values();
      await scanner?.scan({
        ...{ client: {} as RegistryClient, repository: RepositoryName.parse('team/app') },
        digest: digestOf('image'),
        sboms: [{ spdxVersion: 'SPDX-2.3', creationInfo: { creators: ['Tool: trivy-0.70.0'] } }],
        signal: new AbortController().signal,
      });
      const told = fake.arguments();
      await fake.stop();

      expect(told).toBe(`sbom --format json --exit-code 0 --quiet --server ${url} sbom.json\n`);
    });

    it.each([
      [200, versionOf(new Date(0)), undefined],
      [404, 'no', /does not tell how old/],
      [200, '{', /not JSON|does not tell/],
      [200, `"${'x'.repeat(100_000)}"`, /does not tell how old/],
    ])('asks it how old its data is: %d', async (status, body, problem) => {
      answer = { status, body };
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const asked = readTrivyServerVersion({ url, name: 'it', signal: new AbortController().signal });

      if (problem === undefined) {
        expect((await asked).VulnerabilityDB?.UpdatedAt).toBe('1970-01-01T00:00:00.000Z');
      } else {
        await expect(asked).rejects.toThrow(problem);
      }
    });
  });
});

function fakeTrivy(behaviour: ScannerBehaviour): FakeProgram {
  const updated = new Date(Date.now() - (behaviour === 'old' ? 30 * 24 * hour : hour));
  const empty = JSON.stringify({ SchemaVersion: 2, ArtifactName: '{image}', Metadata: {} });
  return fakeProgram('trivy', behaviour, {
    image: behaviour === 'finds-nothing' ? empty : report,
    sbom: report,
    version: behaviour === 'ageless' ? '{"Version":"0.70.0"}' : versionOf(updated),
  });
}

function versionOf(updated: Date): string {
  const UpdatedAt = updated.toISOString();
  return JSON.stringify({ Version: '0.70.0', VulnerabilityDB: { Version: 2, UpdatedAt } });
}
