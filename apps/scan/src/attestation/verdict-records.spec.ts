import { generateKeyPairSync } from 'node:crypto';
import { AcrQuarantine } from '@pratique/acr';
import {
  findStatements,
  pemSigner,
  type VerdictPredicate,
  verdictIn,
  verdictType,
} from '@pratique/attestation';
import { type Digest, digestOf, RegistryHost, RegistryName, RepositoryName, Tag } from '@pratique/contracts';
import { basicTokens, buildArtifact, type BuiltImage, pushImage, RegistryClient } from '@pratique/oci';
import { AcrSettings } from '@pratique/registries';
import {
  anImageQuarantined,
  artifactOf,
  imageOf,
  indexOf,
  startTestRegistry,
  type TestRegistry,
} from '@pratique/testing';
import { azureQuarantine } from '../quarantine/azure-quarantine.js';
import { rescanEvent } from '../rescan/rescan-event.js';
import { type Scan, scanImage, type ScanResult } from '../scan-image.js';
import { compilePolicies } from '../scan-policy.js';
import { ScanReport } from '../scan-report.js';
import { ScanSection } from '../scan.settings.js';
import { cycloneDxType } from '../sbom/build-sbom.js';
import { defaultLimits } from '../scan-limits.settings.js';
import { VerdictRecords } from './verdict-records.js';

const repository = RepositoryName.parse('team/app');
const registryName = RegistryName.parse('customer');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer = pemSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const identity = { signer, ownKeys: () => Promise.resolve([publicKey]) };
const good = artifactOf({ 'a.bicep': 'param a string\n' });
const bad = artifactOf({ 'run.sh': 'x' });
const strict = { content: { allow: ['*.bicep'] } };
const stricter = { content: { allow: ['*.nothing'] } };

describe('scan/attestation/verdict-records', () => {
  let registry: TestRegistry;
  let reader: RegistryClient;

  beforeEach(async () => {
    registry = await startTestRegistry({
      emulator: {
        quarantine: true,
        identities: [
          {
            ...{ name: 'tester', credentials: { username: 'tester', password: 'correct horse' } },
            repositories: ['*'],
            actions: ['pull', 'push', 'metadata_read', 'quarantine_read', 'quarantine_write'],
          },
          {
            ...{ name: 'reader', credentials: { username: 'reader', password: 'reader' } },
            repositories: ['*'],
            actions: ['pull', 'metadata_read'],
          },
        ],
      },
    });
    const tokens = basicTokens({ username: 'reader', password: () => 'reader' });
    reader = new RegistryClient({
      host: RegistryHost.parse(registry.emulator.host),
      plainHttp: true,
      tokens,
    });
  });

  afterEach(async () => {
    await reader.close();
    await registry.close();
  });

  async function scan(
    image: BuiltImage,
    { check = strict, ...changes }: { check?: object } & Partial<Scan> = {},
  ): Promise<ScanResult> {
    await pushImage(registry.client, image, { repository });
    const policy = { name: 'p', registry: registryName, repositories: ['**'], checks: [check] };
    return await scanImage({
      event: anImageQuarantined({
        registry: registryName,
        repository,
        digest: image.root.digest,
        tag: undefined,
      }),
      connection: {
        settings: AcrSettings.parse({ name: registryName, kind: 'acr', host: registry.emulator.host }),
        client: registry.client,
        reader: registry.client,
      },
      quarantine: azureQuarantine(new AcrQuarantine(registry.client)),
      records: new VerdictRecords({ identity }),
      policies: compilePolicies(ScanSection.parse([policy])),
      signal: new AbortController().signal,
      ...changes,
    });
  }

  function again(image: BuiltImage, reason = 'rescan-1'): Partial<Scan> {
    const { digest } = image.root;
    const at = new Date('2026-11-25T00:00:00Z');
    return {
      event: rescanEvent({
        registry: registryName,
        repository,
        digest,
        announcedBy: 'quarantined',
        reason,
        at,
      }),
    };
  }

  /** What an ordinary client finds at an image, with nothing but the public key. */
  async function verdictsAt(digest: Digest): Promise<VerdictPredicate[]> {
    const question = { repository, subject: digest, predicateType: verdictType, keys: [publicKey] };
    const { signed } = await findStatements(reader, question);
    return signed.flatMap(({ statement }) => verdictIn(statement) ?? []);
  }

  async function pullable(digest: Digest): Promise<boolean> {
    return reader.manifest(repository, digest).then(
      () => true,
      () => false,
    );
  }

  const kinds = ({ outcomes }: ScanResult): unknown[] =>
    outcomes.map(({ kind, data }) => [kind, data.reason]);

  it('signs a verdict and attaches it to the image, for everybody to read', async () => {
    const { outcomes } = await scan(good);

    const [verdict, ...more] = await verdictsAt(good.root.digest);
    expect(more).toEqual([]);
    expect(verdict).toMatchObject({
      result: 'PASSED',
      configuration: [{ name: 'p', digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } }],
      passedTests: ['p/content'],
      failedTests: [],
      pratique: { status: 'passed', image: { registry: 'customer', digest: good.root.digest } },
    });
    expect(outcomes[0]?.data.details).toMatchObject({ attestation: expect.stringMatching(/^sha256:/) });
    expect(await pullable(good.root.digest)).toBe(true);
  });

  it('signs a refusal too, which whoever may see the image can read', async () => {
    await scan(bad);

    expect(await verdictsAt(bad.root.digest)).toMatchObject([
      { result: 'FAILED', failedTests: ['p/content'] },
    ]);
    expect(await pullable(bad.root.digest)).toBe(false);
  });

  it('attaches what lets an index through to everything in it', async () => {
    const index = indexOf([good, artifactOf({ 'b.bicep': 'param b string\n' })]);
    await scan(index);

    for (const { descriptor } of index.manifests) {
      expect(await verdictsAt(descriptor.digest)).toMatchObject([{ result: 'PASSED' }]);
      expect(await pullable(descriptor.digest)).toBe(true);
    }
  });

  it('does nothing twice when it comes again', async () => {
    const first = await scan(good);
    registry.heard();

    const second = await scan(good);

    expect(await verdictsAt(good.root.digest)).toHaveLength(1);
    expect(second.outcomes.map(({ kind, data }) => [kind, data.details])).toEqual(
      first.outcomes.map(({ kind, data }) => [kind, data.details]),
    );
    expect(second.cleared?.id).toBe(first.cleared?.id);
    expect(registry.heard().filter((line) => line.startsWith('PATCH'))).toEqual([]);
  });

  it('lets what it has attached through without scanning it, so that nothing goes round in circles', async () => {
    await scan(good);
    const [attached] = await registry.client.referrers(repository, good.root.digest);
    if (attached === undefined) throw new Error('nothing is attached');

    const event = anImageQuarantined({
      registry: registryName,
      repository,
      digest: attached.digest,
      tag: undefined,
    });
    expect(await scan(good, { event })).toEqual({ outcomes: [], cleared: undefined });
    expect(await registry.client.referrers(repository, attached.digest)).toEqual([]);
  });

  it('scans what only looks like that', async () => {
    const artifactType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    const files = { 'statement.sigstore.json': '{"mediaType":"x"}' };
    const imitation = buildArtifact({ artifactType, fileMediaType: artifactType, files, subject: good.root });
    await pushImage(registry.client, good, { repository, tags: [Tag.parse('1')] });

    expect(kinds(await scan(imitation))[0]).toEqual(['scan.failed', 'check-failed']);
    expect(await pullable(imitation.root.digest)).toBe(false);
  });

  it('attaches an SBOM to an image that has none, for everybody to read', async () => {
    const image = await imageOf({ layers: [{ 'lib/apk/db/installed': 'P:musl\nV:1\n' }] });
    const records = new VerdictRecords({ identity, sbom: defaultLimits });

    await scan(image, { records, check: { secrets: {} } });

    const question = {
      repository,
      subject: image.root.digest,
      predicateType: cycloneDxType,
      keys: [publicKey],
    };
    expect((await findStatements(reader, question)).signed).toMatchObject([
      { statement: { predicate: { components: [{ name: 'musl' }] } } },
    ]);
  });

  it('keeps the whole report, and names it in the outcome and in the verdict', async () => {
    const kept: ScanReport[] = [];
    const keep = ({ bytes }: { bytes: Buffer }): Promise<Digest> => {
      kept.push(ScanReport.parse(JSON.parse(bytes.toString())));
      return Promise.resolve(digestOf(bytes));
    };

    const { outcomes } = await scan(good, { records: new VerdictRecords({ identity, reports: { keep } }) });

    expect(kept).toMatchObject([{ verdict: { status: 'passed' }, image: { digest: good.root.digest } }]);
    const [verdict] = await verdictsAt(good.root.digest);
    expect(verdict?.pratique.report).toMatch(/^sha256:/);
    expect(outcomes[0]?.data.details).toMatchObject({ report: verdict?.pratique.report });
  });

  it('releases nothing when it cannot sign', async () => {
    const broken = { ...signer, sign: () => Promise.reject(new Error('the vault is away')) };
    const records = new VerdictRecords({ identity: { ...identity, signer: broken } });

    await expect(scan(good, { records })).rejects.toThrow('the vault is away');
    expect(await pullable(good.root.digest)).toBe(false);
  });

  describe('when an image is scanned again', () => {
    it('says only that it still passes', async () => {
      await scan(good);

      const result = await scan(good, again(good));

      expect(kinds(result)).toEqual([['scan.passed', 'every-check-passed']]);
      expect(result.cleared).toBeUndefined();
      expect(await verdictsAt(good.root.digest)).toHaveLength(2);
    });

    it('quarantines again what no longer passes, and raises a finding once', async () => {
      await scan(good);

      const result = await scan(good, { ...again(good), check: stricter });
      expect(kinds(result)).toEqual([
        ['scan.failed', 'no-longer-passes'],
        ['quarantine.revoked', 'verdict-reversed'],
      ]);
      expect(result.outcomes[0]?.data).toMatchObject({ severity: 'error', details: { previous: 'passed' } });
      expect(await pullable(good.root.digest)).toBe(false);

      // A crash in between: the same event once more tells the same.
      expect(kinds(await scan(good, { ...again(good), check: stricter }))).toEqual(kinds(result));
      expect(kinds(await scan(good, { ...again(good, 'rescan-2'), check: stricter }))).toEqual([
        ['scan.failed', 'check-failed'],
        ['quarantine.retained', 'verdict-failed'],
      ]);
    });

    it('leaves it open where the rule says so, and raises the finding', async () => {
      await scan(good);

      const result = await scan(good, { ...again(good), check: stricter, onFailure: 'report' });

      expect(kinds(result)).toEqual([
        ['scan.failed', 'no-longer-passes'],
        ['quarantine.left-open', 'reversal-reported'],
      ]);
      expect(await pullable(good.root.digest)).toBe(true);
    });

    it('clears what passes at last', async () => {
      await scan(good, { check: stricter });

      const result = await scan(good, again(good));

      expect(kinds(result)).toEqual([
        ['scan.passed', 'every-check-passed'],
        ['quarantine.released', 'verdict-passed'],
      ]);
      expect(result.cleared?.data.digest).toBe(good.root.digest);
      expect(await pullable(good.root.digest)).toBe(true);
    });
  });
});
