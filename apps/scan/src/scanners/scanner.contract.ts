import { readdirSync } from 'node:fs';
import { type Digest, RepositoryName } from '@pratique/contracts';
import { imageOf, pushImage, startTestRegistry, type TestRegistry } from '@pratique/testing';
import type { StoredSbom } from '../sbom/stored-sboms.js';
import { openScanners, ScannersSection } from './scanners.js';
import type { ScannerReport } from './vulnerability.js';

/** Every manner of going wrong that a scanner has been seen with. */
export type ScannerBehaviour =
  'answers' | 'finds-nothing' | 'hangs' | 'dies' | 'garbage' | 'another-shape' | 'floods' | 'old' | 'ageless';

export interface FakeScanner {
  /** The entry in the section `scanners`, without its name. */
  settings: object;
  stop(): Promise<void>;
}

export interface ScannerExamples {
  /** Starts a fake of this kind that behaves like that. */
  start(behaviour: ScannerBehaviour): Promise<FakeScanner>;
  /** What the kind knows of the first vulnerability beyond what all do. */
  first: object;
  /** A bill of materials of its own make; absent where the kind cannot be given one. */
  sbom?: object;
  /** Whether it tells an image in which it knows nothing. */
  tellsUnrecognised: boolean;
}

const repository = RepositoryName.parse('team/app');

/** What every kind of scanner must do, whatever it is. */
export function describeScanner(kind: string, examples: ScannerExamples): void {
  describe(`the scanner ${kind}`, () => {
    let registry: TestRegistry;
    let digest: Digest;
    let fake: FakeScanner;

    beforeEach(async () => {
      registry = await startTestRegistry();
      const image = await imageOf();
      await pushImage(registry.client, image, { repository });
      digest = image.root.digest;
    });

    afterEach(async () => {
      await fake.stop();
      await registry.close();
    });

    async function scan(
      behaviour: ScannerBehaviour,
      change: object = {},
      sboms?: readonly StoredSbom[],
    ): Promise<ScannerReport> {
      fake = await examples.start(behaviour);
      const section = ScannersSection.parse([{ name: 'it', ...fake.settings }]);
      const scanner = openScanners(section.map((each) => ({ ...each, ...change }))).get('it');
      if (scanner === undefined) throw new Error('there is no scanner');
      const { client } = registry;
      // As after an examination: the registry has said by now how it wants to be asked.
      await client.resolve(repository, digest);
      return await scanner.scan({ client, repository, digest, sboms, signal: new AbortController().signal });
    }

    it('stands in a file of its own, called by its kind', () => {
      fake = { settings: {}, stop: () => Promise.resolve() };
      expect(readdirSync(__dirname)).toContain(`${kind}.scanner.ts`);
    });

    it('reports what the scanner found, having let it pull the image', async () => {
      const report = await scan('answers');

      expect(report.scanner.version).toMatch(/^0\./);
      expect(report.scanner.database?.updatedAt).toMatch(/Z$/);
      expect(report.vulnerabilities).toEqual([
        expect.objectContaining({
          ...{ id: 'CVE-2026-1111', package: 'openssl', version: '3.0.1', fixedVersion: '3.0.2' },
          ...{ severity: 'critical', score: 9.8 },
          ...examples.first,
        }),
        expect.objectContaining({ id: 'CVE-2026-2222', package: 'zlib', version: '1.3', severity: 'low' }),
      ]);
      expect(report.vulnerabilities[1]).not.toHaveProperty('fixedVersion');
    });

    const { sbom } = examples;
    const others = { bomFormat: 'CycloneDX', metadata: { tools: { components: [{ name: 'other' }] } } };
    it(`judges from a list of ${sbom ? 'its own make, and of no other' : 'nobody’s make'}`, async () => {
      const ofImage = await scan('answers', {}, [others]);
      await fake.stop();
      const ofOwn = await scan('answers', {}, [others, sbom ?? others]);

      expect(ofImage).not.toHaveProperty('from');
      expect(ofOwn.from).toBe(sbom && 'sbom');
      expect(ofOwn.vulnerabilities.map(({ id }) => id)).toEqual(ofImage.vulnerabilities.map(({ id }) => id));
    });

    it('tells nothing found from nothing recognised, where the scanner does', async () => {
      const report = await scan('finds-nothing');

      expect(report.vulnerabilities).toEqual([]);
      expect(report.recognised).toBe(examples.tellsUnrecognised ? false : undefined);
    });

    it.each<[ScannerBehaviour, string, RegExp, object]>([
      ['hangs', 'scanner-timeout', /gave no answer within 0.3 seconds/, { timeMs: 300 }],
      ['dies', 'scanner-unavailable', /./, {}],
      ['garbage', 'scanner-answer-invalid', /not JSON/, {}],
      ['another-shape', 'scanner-answer-invalid', /not its report/, {}],
      ['floods', 'scanner-answer-invalid', /more than 1048576 bytes/, { maxReportBytes: 1024 ** 2 }],
      ['old', 'scanner-database-old', /older than 120 hours/, {}],
      ['ageless', 'scanner-database-old', /does not say how old/, {}],
    ])('that %s has said nothing: %s', async (behaviour, reason, message, change) => {
      await expect(scan(behaviour, change)).rejects.toMatchObject({
        name: 'NoAnswerError',
        reason,
        message: expect.stringMatching(message) as string,
      });
    });

    it('may speak from data of any age where somebody decided so', async () => {
      const report = await scan('ageless', { databaseMaxAgeHours: 'any' });

      expect(report.vulnerabilities).toHaveLength(2);
    });
  });
}
