import { type Digest, digestOf, RepositoryName } from '@pratique/contracts';
import type { BuiltImage, RegistryClient } from '@pratique/oci';
import { artifactOf, imageOf, pushImage, startTestRegistry, type TestRegistry } from '@pratique/testing';
import { Attachments } from '../attachments/attachments.js';
import type { Scanner } from '../scanners/scanner.js';
import type { ScannerReport, Vulnerability } from '../scanners/vulnerability.js';
import { aKeyPair, keyBundle, pemOf } from '../../test/test-authority.js';
import { type AskingCheck, isInspecting, type CheckReport } from './check.js';
import { CheckSettings, replayCheck } from './checks.js';

const openssl: Vulnerability = {
  ...{ id: 'CVE-2026-1', package: 'openssl', version: '3.0.1', fixedVersion: '3.0.2', severity: 'high' },
  link: 'https://nvd.nist.gov/vuln/detail/CVE-2026-1',
};
const repository = RepositoryName.parse('team/app');
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const { signal } = new AbortController();
const [ours, theirs] = [aKeyPair(), aKeyPair()];
const scanner = { name: 'Trivy', database: { updatedAt: '2026-11-20T00:00:00Z' } };

describe('the check vulnerabilities', () => {
  it('passes an image in which the scanner knew something and found nothing', async () => {
    const report = await ask({}, { vulnerabilities: [], recognised: true });

    expect(report).toMatchObject({ result: 'passed', findings: [], scanner });
  });

  it('says what was found, where to read more, and what would make it pass', async () => {
    const { result, findings } = await ask({}, { vulnerabilities: [openssl] });

    expect(result).toBe('failed');
    expect(findings).toEqual([
      {
        ...{ id: 'CVE-2026-1', package: 'openssl', severity: 'high', link: openssl.link },
        message: 'openssl 3.0.1 has CVE-2026-1, which is high.',
        mend: 'Build the image with openssl 3.0.2 or newer.',
      },
    ]);
  });

  it.each<[string, Partial<Vulnerability>, object, boolean]>([
    ['of the severity that is named', { severity: 'high' }, {}, true],
    ['worse', { severity: 'critical' }, {}, true],
    ['less bad', { severity: 'medium' }, {}, false],
    ['less bad, with a lower threshold', { severity: 'medium' }, { severity: 'medium' }, true],
    ['that nobody has rated', { severity: 'unknown' }, {}, true],
    [
      'that nobody has rated, and that is borne',
      { severity: 'unknown' },
      { unknownSeverity: 'allow' },
      false,
    ],
    ['known to be exploited', { severity: 'low', knownExploited: true }, {}, true],
    [
      'known to be exploited, as rated',
      { severity: 'low', knownExploited: true },
      { knownExploited: 'as-rated' },
      false,
    ],
    ['not known to be exploited', { severity: 'low', knownExploited: false }, {}, false],
    ['likely to be exploited', { severity: 'low', epss: 0.5 }, { epss: 0.5 }, true],
    ['hardly likely to be exploited', { severity: 'low', epss: 0.49 }, { epss: 0.5 }, false],
    ['of unknown likelihood', { severity: 'low' }, { epss: 0 }, false],
  ])('counts one that is %s: %s', async (_what, change, settings, counts) => {
    const { result } = await ask(settings, { vulnerabilities: [{ ...openssl, ...change }] });

    expect(result).toBe(counts ? 'failed' : 'passed');
  });

  it('bears what nobody has mended, where that was decided', async () => {
    const { fixedVersion: _none, ...unfixed } = { ...openssl, knownExploited: true };
    const vulnerabilities = [unfixed];

    expect((await ask({ onlyFixable: true }, { vulnerabilities })).result).toBe('passed');
    expect((await ask({}, { vulnerabilities })).findings[0]?.mend).toMatch(/^Nobody has mended it yet/);
  });

  it.each([
    ['refuse', false, 'nothing-to-check'],
    ['allow', false, 'passed'],
    ['refuse', undefined, 'passed'],
  ] as const)(
    'with unrecognised: %s, of a scanner that says %s, makes %s',
    async (unrecognised, recognised, result) => {
      const report = { vulnerabilities: [], ...(recognised !== undefined && { recognised }) };

      expect((await ask({ unrecognised }, report)).result).toBe(result);
    },
  );

  it('keeps the worst, and counts the others', async () => {
    const many = Array.from({ length: 1500 }, (_, index) => ({ ...openssl, id: `CVE-2026-${index}` }));
    const { findings, unlisted } = await ask(
      {},
      { vulnerabilities: [...many, { ...openssl, id: 'worst', severity: 'critical' }] },
    );

    expect([findings[0]?.id, findings.length, unlisted]).toEqual(['worst', 1000, 501]);
  });

  it('judges again what was stored, by other settings', async () => {
    const { evidence } = await ask({}, { vulnerabilities: [openssl] });
    const stored: unknown = JSON.parse(JSON.stringify(evidence));

    expect(replayCheck(checkOf({ severity: 'critical' }), stored)?.result).toBe('passed');
    expect(replayCheck(checkOf({ severity: 'low' }), stored)?.result).toBe('failed');
    expect(replayCheck(checkOf({}), { vulnerabilities: 'many' })).toBeUndefined();
  });

  describe('with statements of OpenVEX', () => {
    let registry: TestRegistry;
    let image: BuiltImage;

    beforeEach(async () => {
      registry = await startTestRegistry();
      image = await imageOf();
      await pushImage(registry.client, image, { repository });
    });

    afterEach(() => registry.close());

    it.each([
      ['nobody is trusted', ours, {}, 'failed'],
      ['somebody trusted has signed them', ours, { vex: { keys: [pemOf(ours)] } }, 'passed'],
      ['somebody else has signed them', theirs, { vex: { keys: [pemOf(ours)] } }, 'failed'],
    ] as const)(
      'counts what they call harmless, where %s: it has %s',
      async (...[, signer, settings, result]) => {
        const bundle = JSON.stringify(keyBundle(vexOn(image.root.digest), signer));
        const options = { artifactType: bundleType, fileMediaType: bundleType, subject: image.root };
        await pushImage(registry.client, artifactOf({ it: bundle }, options), { repository });
        const { client } = registry;
        const attachments = new Attachments({ client, repository, digest: image.root.digest, signal });
        const report = await ask(settings, { vulnerabilities: [openssl] }, [attachments]);

        expect(report.result).toBe(result);
        expect(replayCheck(checkOf(settings), report.evidence)?.result).toBe(result);
        const othersTrusted = { vex: { keys: [pemOf(aKeyPair())] } };
        expect(replayCheck(checkOf(othersTrusted), report.evidence)).toBeUndefined();
      },
    );
  });

  describe('of an image that is scanned again', () => {
    let registry: TestRegistry;
    let image: BuiltImage;
    let asked: (readonly object[] | undefined)[];

    beforeEach(async () => {
      registry = await startTestRegistry();
      image = await imageOf();
      await pushImage(registry.client, image, { repository });
      asked = [];
    });

    afterEach(() => registry.close());

    /** Asks a scanner that takes any list, about an image with one. */
    async function askAgain(
      settings: object,
      { again, signer, recognised = true }: { again: boolean; signer: typeof ours; recognised?: boolean },
    ): Promise<CheckReport> {
      const bundle = JSON.stringify(keyBundle(sbomOf(image.root.digest), signer));
      const options = { artifactType: bundleType, fileMediaType: bundleType, subject: image.root };
      await pushImage(registry.client, artifactOf({ it: bundle }, options), { repository });
      const of = { client: registry.client, repository, digest: image.root.digest, signal };
      const trivy: Scanner = {
        scan: ({ sboms }) => {
          asked.push(sboms);
          const from = sboms === undefined ? { recognised: true } : { from: 'sbom' as const, recognised };
          return Promise.resolve({ scanner, vulnerabilities: [], ...from });
        },
      };
      return await checkOf(settings).ask({
        ...of,
        attachments: [new Attachments(of)],
        scanners: new Map([['trivy', trivy]]),
        again,
        now: new Date(),
      });
    }

    const trusting = { rescanFromSbom: { keys: [pemOf(ours)] } };

    it('gives the scanner the lists that somebody trusted has signed', async () => {
      const { result, evidence } = await askAgain(trusting, { again: true, signer: ours });

      expect(asked).toEqual([[expect.objectContaining({ bomFormat: 'CycloneDX' })]]);
      expect(result).toBe('passed');
      expect(evidence).toMatchObject({ from: 'sbom' });
      expect(replayCheck(checkOf(trusting), evidence)?.result).toBe('passed');
    });

    it.each([
      ['when it comes for the first time', trusting, { again: false, signer: ours }],
      ['where somebody else has signed the list', trusting, { again: true, signer: theirs }],
      ['where nobody’s list counts', {}, { again: true, signer: ours }],
    ])('has it look at the image %s', async (_, settings, way) => {
      await askAgain(settings, way);

      expect(asked).toEqual([undefined]);
    });

    it('has it look at the image when the list says nothing to it', async () => {
      const { evidence } = await askAgain(trusting, { again: true, signer: ours, recognised: false });

      expect(asked).toHaveLength(2);
      expect(evidence).not.toHaveProperty('from');
    });
  });

  it('gets no answer from a scanner that there is not', async () => {
    await expect(ask({ scanner: 'clair' }, { vulnerabilities: [] })).rejects.toMatchObject({
      reason: 'scanner-unavailable',
      message: 'There is no scanner clair in the section scanners; there are trivy.',
    });
  });

  it.each([
    {},
    { scanner: 'trivy', severity: 'unknown' },
    { scanner: 'trivy', epss: 2 },
    { scanner: 't', x: 1 },
  ])('refuses the settings %j', (settings) => {
    expect(CheckSettings.safeParse({ vulnerabilities: settings }).success).toBe(false);
  });
});

function checkOf(settings: object): AskingCheck {
  const check = CheckSettings.parse({ vulnerabilities: { scanner: 'trivy', ...settings } });
  if (isInspecting(check)) throw new Error('it asks nobody');
  return check;
}

function vexOn(digest: Digest): object {
  return {
    ...{ _type: 'https://in-toto.io/Statement/v1', predicateType: 'https://openvex.dev/ns/v0.2.0' },
    subject: [{ digest: { sha256: digest.slice('sha256:'.length) } }],
    predicate: {
      ...{ '@context': 'https://openvex.dev/ns/v0.2.0', timestamp: '2026-11-01T00:00:00Z' },
      statements: [
        {
          vulnerability: { name: 'CVE-2026-1' },
          ...{ products: [{ '@id': `pkg:oci/app@${digest}` }], status: 'not_affected' },
          justification: 'vulnerable_code_not_in_execute_path',
        },
      ],
    },
  };
}

function sbomOf(digest: Digest): object {
  return {
    ...{ _type: 'https://in-toto.io/Statement/v1', predicateType: 'https://cyclonedx.org/bom' },
    subject: [{ digest: { sha256: digest.slice('sha256:'.length) } }],
    predicate: {
      ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
      components: [
        { type: 'library', name: 'openssl', version: '3.0.2', purl: 'pkg:apk/alpine/openssl@3.0.2' },
      ],
    },
  };
}

async function ask(
  settings: object,
  report: Omit<ScannerReport, 'scanner'>,
  attachments: readonly Attachments[] = [],
): Promise<CheckReport> {
  const trivy: Scanner = { scan: () => Promise.resolve({ scanner, ...report }) };
  return await checkOf(settings).ask({
    client: {} as RegistryClient,
    repository,
    digest: digestOf('image'),
    attachments,
    scanners: new Map([['trivy', trivy]]),
    now: new Date(),
    signal,
  });
}
