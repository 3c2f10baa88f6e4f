import { type Digest, RegistryName, RepositoryName } from '@pratique/contracts';
import type { BuiltImage } from '@pratique/oci';
import { DistributionSettings } from '@pratique/registries';
import type { RegistryConnection } from '@pratique/registry-access';
import {
  anImageQuarantined,
  artifactOf,
  pushImage,
  startTestRegistry,
  type TestRegistry,
} from '@pratique/testing';
import { azureQuarantine } from './quarantine/azure-quarantine.js';
import { scanImage, type ScanResult } from './scan-image.js';
import { compilePolicies } from './scan-policy.js';
import { ScanSection } from './scan.settings.js';

const repository = RepositoryName.parse('team/app');
const enforcing = { checks: [{ content: { allow: ['*.bicep'] } }] };
const observing = { ...enforcing, mode: 'observe' };
const good = artifactOf({ 'a.bicep': 'param a string\n' });
const bad = artifactOf({ 'run.sh': 'x' });

describe('scan/scan-image', () => {
  let registry: TestRegistry;
  let changes: string[];

  beforeEach(async () => {
    registry = await startTestRegistry();
    changes = [];
  });

  afterEach(() => registry.close());

  async function scan(
    image: BuiltImage,
    policies: object[],
    { quarantine = true } = {},
  ): Promise<ScanResult> {
    await pushImage(registry.client, image, { repository });
    const change = (verb: string) => (_repository: RepositoryName, digest: Digest) => {
      changes.push(`${verb} ${digest === image.root.digest ? 'image' : 'child'}`);
      return Promise.resolve('changed' as const);
    };
    const connection: RegistryConnection = {
      settings: DistributionSettings.parse({
        name: 'test',
        kind: 'distribution',
        host: registry.client.host,
      }),
      client: registry.client,
      reader: registry.client,
    };
    const section = policies.map((policy, index) => ({
      ...{ name: `p${index}`, registry: RegistryName.parse('test'), repositories: ['**'] },
      ...policy,
    }));
    return await scanImage({
      event: anImageQuarantined({ registry: 'test', repository, digest: image.root.digest }),
      connection,
      ...(quarantine && {
        quarantine: azureQuarantine({
          ...{ release: change('release'), retain: change('retain') },
          state: () => Promise.resolve(undefined),
        }),
      }),
      policies: compilePolicies(ScanSection.parse(section)),
      signal: new AbortController().signal,
    });
  }

  it.each([
    ['passes', good, 'would-pass'],
    ['does not pass', bad, 'would-fail'],
  ])('leaves an image that %s as it is where every policy only observes', async (_what, image, reason) => {
    const { outcomes, cleared } = await scan(image, [observing]);

    expect(changes).toEqual([]);
    expect(cleared).toBeUndefined();
    expect(outcomes.map(({ kind, data }) => [kind, data.reason])).toEqual([
      ['scan.observed', reason],
      ['quarantine.retained', 'only-observed'],
    ]);
  });

  it('clears nothing by observing in a registry without quarantine', async () => {
    const { outcomes, cleared } = await scan(good, [observing], { quarantine: false });

    expect(cleared).toBeUndefined();
    expect(outcomes.map(({ kind }) => kind)).toEqual(['scan.observed']);
  });

  it('lets the policy decide that enforces, and tells what the other would have done', async () => {
    const { outcomes, cleared } = await scan(bad, [observing, { checks: [{ secrets: {} }] }]);

    expect(changes).toEqual(['release image']);
    expect(cleared?.data).toMatchObject({ decidedBy: 'p1' });
    expect(outcomes.map(({ kind, data }) => [kind, data.rule])).toEqual([
      ['scan.passed', 'p1'],
      ['scan.observed', 'p0'],
      ['quarantine.released', 'p1'],
    ]);
  });

  it('clears what somebody answers for, and says who', async () => {
    const answered = {
      ...{ id: 'not-allowed', paths: ['run.sh'], owner: 'alice', reason: 'known', ticket: 'SEC-1' },
      expires: '9999-12-31',
    };
    const { outcomes } = await scan(bad, [{ ...enforcing, exceptions: [answered] }]);

    expect(changes).toEqual(['release image']);
    expect(outcomes[0]?.data).toMatchObject({
      reason: 'every-check-passed',
      details: { exceptions: [{ id: 'not-allowed', owner: 'alice', ticket: 'SEC-1' }] },
    });
  });

  it('gives the evidence of a refusal, and says what would make the image pass', async () => {
    const image = artifactOf({ '.env': '\nTOKEN=ghp_4fQ8aBzY1cXw2dVu3eTs5gRr6hPq7iNo8jMm\n' });
    const { outcomes } = await scan(image, [{ checks: [{ secrets: {} }] }]);

    expect(changes).toEqual(['retain image']);
    expect(outcomes[0]?.data.details).toMatchObject({
      checks: [{ check: 'secrets', result: 'failed', findings: 1 }],
      findings: [
        {
          ...{ check: 'secrets', id: 'github-token', path: '.env', line: 2 },
          layer: image.blobs[1]?.descriptor.digest,
          mend: expect.stringMatching(/^Revoke it/),
        },
      ],
    });
  });
});
