import { RegistryName, type RegistryEvent, RepositoryName } from '@pratique/contracts';
import type { BuiltImage } from '@pratique/oci';
import { DistributionSettings } from '@pratique/registries';
import {
  anImageQuarantined,
  artifactOf,
  imageOf,
  pushImage,
  startTestRegistry,
  type TestRegistry,
} from '@pratique/testing';
import { aKeyPair, keyBundle, pemOf } from '../../test/test-authority.js';
import { scanImage } from '../scan-image.js';
import { compilePolicies } from '../scan-policy.js';
import { ScanSection } from '../scan.settings.js';
import type { Scanner, ScannerTarget } from '../scanners/scanner.js';
import { rescanEvent } from './rescan-event.js';

const [registryName, repository] = [RegistryName.parse('test'), RepositoryName.parse('team/app')];
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const pair = aKeyPair();

describe('scan/rescan, from a list of what an image has', () => {
  let registry: TestRegistry;
  let image: BuiltImage;
  let asked: ScannerTarget['sboms'][];

  beforeEach(async () => {
    registry = await startTestRegistry();
    image = await imageOf();
    await pushImage(registry.client, image, { repository });
    const bundle = JSON.stringify(keyBundle(statementAbout(image), pair));
    const options = { artifactType: bundleType, fileMediaType: bundleType, subject: image.root };
    await pushImage(registry.client, artifactOf({ it: bundle }, options), { repository });
    asked = [];
  });

  afterEach(() => registry.close());

  it('looks at the list when the image is scanned again', async () => {
    const { digest } = image.root;
    const at = new Date();
    const reason = 'rescan-every-1';
    await scan(
      rescanEvent({ registry: registryName, repository, digest, announcedBy: 'pushed', reason, at }),
    );

    expect(asked).toEqual([[expect.objectContaining({ bomFormat: 'CycloneDX' })]]);
  });

  it('looks at the image when the registry tells of it', async () => {
    await scan(anImageQuarantined({ registry: 'test', repository, digest: image.root.digest }));

    expect(asked).toEqual([undefined]);
  });

  async function scan(event: RegistryEvent): Promise<void> {
    const trivy: Scanner = {
      scan: ({ sboms }) => {
        asked.push(sboms);
        const from = sboms === undefined ? {} : { from: 'sbom' as const };
        return Promise.resolve({
          scanner: { name: 'Trivy' },
          vulnerabilities: [],
          recognised: true,
          ...from,
        });
      },
    };
    const policy = {
      ...{ name: 'p', registry: registryName, repositories: ['**'] },
      checks: [{ vulnerabilities: { scanner: 'trivy', rescanFromSbom: { keys: [pemOf(pair)] } } }],
    };
    const { host } = registry.client;
    await scanImage({
      event,
      connection: {
        settings: DistributionSettings.parse({ name: 'test', kind: 'distribution', host }),
        client: registry.client,
        reader: registry.client,
      },
      policies: compilePolicies(ScanSection.parse([policy])),
      scanners: new Map([['trivy', trivy]]),
      signal: new AbortController().signal,
    });
  }
});

function statementAbout({ root }: BuiltImage): object {
  return {
    ...{ _type: 'https://in-toto.io/Statement/v1', predicateType: 'https://cyclonedx.org/bom' },
    subject: [{ digest: { sha256: root.digest.slice('sha256:'.length) } }],
    predicate: {
      ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
      components: [{ type: 'library', name: 'openssl', version: '3.0.2' }],
    },
  };
}
