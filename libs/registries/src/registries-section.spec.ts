import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@pratique/config';
import { z } from 'zod';
import { RegistriesSection } from './registries-section.js';

const Config = z.object({ registries: RegistriesSection });

describe('registries/registries-section', () => {
  let folder: string;
  let secret: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pratique-registries-'));
    secret = `{ file: '${join(folder, 'secret')}' }`;
    writeFileSync(join(folder, 'secret'), 'open sesame');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const registriesOf = (text: string): RegistriesSection =>
    parseConfig({ file: 'p.yaml', text }, Config).registries;

  it('takes every setting of a registry of Azure and of another', () => {
    const [vendor, development] = registriesOf(`
registries:
  - name: vendor
    kind: acr
    host: vendor.azurecr.io
    trust: external
    quarantine: true
    resourceId: /subscriptions/0-1/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/vendor
    armEndpoint: http://127.0.0.1:8443
    credentials: { identity: workload }
    webhook: { secret: ${secret}, previousSecret: ${secret}, header: X-Secret, repositories: [tripinsights/*] }
  - name: development
    kind: distribution
    host: 127.0.0.1:5000
    plainHttp: true
    credentials: { username: pull, password: ${secret} }
`);

    expect(vendor).toMatchObject({ kind: 'acr', quarantine: true, credentials: { identity: 'workload' } });
    expect(vendor?.kind === 'acr' && vendor.webhook?.secret.reveal()).toBe('open sesame');
    expect(development).toMatchObject({ kind: 'distribution', plainHttp: true });
  });

  it.each([
    [
      'a kind that does not exist',
      'kind: arc, host: h',
      /kind must be one of "acr", "acr-event-grid", .*"zot"/,
    ],
    ['a host with a scheme', 'kind: acr, host: https://h', /host is not a host with an optional port/],
    [
      'a setting of another kind',
      'kind: distribution, host: h, quarantine: true',
      /quarantine is not a setting/,
    ],
    [
      'an identity where nobody knows it',
      'kind: distribution, host: h, credentials: { identity: workload }',
      /credentials/,
    ],
    [
      'a secret as a plain value',
      'kind: acr, host: h, webhook: { secret: x }',
      /not a reference to a secret/,
    ],
    [
      'a resource that is no registry',
      'kind: acr, host: h, resourceId: /subscriptions/1',
      /resourceId is not \/subscr/,
    ],
    [
      'plain http to another machine',
      'kind: acr, host: h, armEndpoint: "http://arm.example"',
      /armEndpoint is not an https/,
    ],
    [
      'a user in the address',
      'kind: acr, host: h, armEndpoint: "http://127.0.0.1@arm.example"',
      /armEndpoint is not an https/,
    ],
  ])('refuses %s', (_, entry, problem) => {
    expect(() => registriesOf(`registries: [{ name: a, ${entry} }]`)).toThrow(problem);
  });

  it('refuses a list of repositories that would refuse everything', () => {
    const text = `registries: [{ name: a, kind: acr, host: h, webhook: { secret: ${secret}, repositories: [] } }]`;

    expect(() => registriesOf(text)).toThrow(/repositories is empty/);
  });

  it('refuses a name that is given twice, and points at the second', () => {
    const text = 'registries:\n  - { name: a, kind: acr, host: h }\n  - { name: a, kind: acr, host: i }\n';

    expect(() => registriesOf(text)).toThrow(/p\.yaml:3:\d+: registries\[1\]\.name is "a" once more/);
  });
});
