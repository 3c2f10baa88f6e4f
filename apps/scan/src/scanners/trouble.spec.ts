import { type Digest, RepositoryName } from '@pratique/contracts';
import { imageOf, pushImage, startTestRegistry, type TestRegistry } from '@pratique/testing';
import { startAdapter } from '../../test/fake-adapter.js';
import { askChecks } from '../ask-checks.js';
import { examineImage } from '../examine-image.js';
import { judgeScan } from '../judge-scan.js';
import { compilePolicies } from '../scan-policy.js';
import { ScanSection } from '../scan.settings.js';
import type { Verdict } from '../verdict.js';
import type { FakeScanner, ScannerBehaviour } from './scanner.contract.js';
import { openScanners, type Scanners, ScannersSection } from './scanners.js';

const repository = RepositoryName.parse('team/app');

describe('a scanner in trouble', () => {
  let registry: TestRegistry;
  let digest: Digest;
  let fakes: FakeScanner[];

  beforeEach(async () => {
    registry = await startTestRegistry();
    const image = await imageOf();
    await pushImage(registry.client, image, { repository });
    digest = image.root.digest;
    fakes = [];
  });

  afterEach(async () => {
    await Promise.all(fakes.map((fake) => fake.stop()));
    await registry.close();
  });

  async function scanners(behaviour: ScannerBehaviour): Promise<Scanners> {
    const [bad, good] = await Promise.all([startAdapter(behaviour), startAdapter('finds-nothing')]);
    fakes.push(bad, good);
    const section = ScannersSection.parse([
      { name: 'bad', ...bad.settings, maxReportBytes: 1024 ** 2 },
      { name: 'good', ...good.settings },
    ]);
    const inTime = behaviour === 'hangs' ? { timeMs: 500 } : {};
    return openScanners(section.map((each) => (each.name === 'bad' ? { ...each, ...inTime } : each)));
  }

  /** All that scan does about an image before it acts. */
  async function verdictBy(scanner: string, all: Scanners): Promise<Verdict | undefined> {
    const policies = compilePolicies(
      ScanSection.parse([
        {
          ...{ name: 'p', registry: 'test', repositories: ['**'] },
          checks: [{ content: { deny: ['**/*.exe'] } }, { vulnerabilities: { scanner } }],
        },
      ]),
    );
    const about = { client: registry.client, repository, digest, policies, now: new Date() };
    const { signal } = new AbortController();
    const manifests = await askChecks(await examineImage({ ...about, signal }), {
      ...about,
      scanners: all,
      signal,
    });
    return judgeScan({ ...about, manifests }).enforced?.verdict;
  }

  it.each<[ScannerBehaviour, string]>([
    ['hangs', 'scanner-timeout'],
    ['dies', 'scanner-unavailable'],
    ['garbage', 'scanner-answer-invalid'],
    ['floods', 'scanner-answer-invalid'],
    ['old', 'scanner-database-old'],
  ])('that %s clears nothing, says so (%s), and keeps nobody else waiting', async (behaviour, reason) => {
    const all = await scanners(behaviour);
    const [troubled, neighbour] = await Promise.all([verdictBy('bad', all), verdictBy('good', all)]);

    expect(troubled).toMatchObject({ status: 'error', reason });
    expect(neighbour).toEqual({ status: 'passed' });
  });
});
