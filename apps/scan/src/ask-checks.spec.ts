import { digestOf, RepositoryName } from '@pratique/contracts';
import { OciError, type RegistryClient } from '@pratique/oci';
import { askChecks } from './ask-checks.js';
import { compilePolicies } from './scan-policy.js';
import { ScanSection } from './scan.settings.js';
import { unavailable } from './scanners/no-answer-error.js';
import type { Scanner } from './scanners/scanner.js';
import { type ExaminedManifest, judgeManifests } from './verdict.js';

const [image, beside, index] = [digestOf('image'), digestOf('beside'), digestOf('index')];
const good = { scanner: { name: 'it' }, vulnerabilities: [] };
const policies = compilePolicies(
  ScanSection.parse([
    policyOf('a', [{ content: { deny: ['x'] } }, { vulnerabilities: { scanner: 'good' } }]),
    policyOf('b', [{ vulnerabilities: { scanner: 'other' } }, { vulnerabilities: { scanner: 'good' } }]),
  ]),
);
const read = [{ policy: 'a', kind: 'content', result: 'passed', findings: [] }] as const;
const manifests: ExaminedManifest[] = [
  { digest: image, kind: 'image', checks: read },
  {
    digest: beside,
    kind: 'image',
    checks: [],
    unreadable: { reason: 'not-readable', message: 'It is damaged.' },
  },
  { digest: index, kind: 'index', children: [image, beside] },
];

describe('scan/ask-checks', () => {
  it('asks about every image that was read in full, each scanner once, and about nothing else', async () => {
    const asked: string[] = [];
    const scanner = (name: string): Scanner => ({
      scan: ({ digest }) => {
        asked.push(`${name} ${digest === image ? 'image' : 'other'}`);
        return Promise.resolve(good);
      },
    });
    const result = await ask({ good: scanner('good'), other: scanner('other') });

    expect(asked.toSorted()).toEqual(['good image', 'other image']);
    expect(result.slice(1)).toEqual(manifests.slice(1));
    expect(checksOf(result)).toEqual([
      ['a', 'content', 'passed'],
      ['a', 'vulnerabilities', 'passed'],
      ['b', 'vulnerabilities', 'passed'],
      ['b', 'vulnerabilities', 'passed'],
    ]);
  });

  it.each([
    ['gives no answer', unavailable('It is away.'), 'no-answer', 'scanner-unavailable'],
    ['breaks', new TypeError('oops'), 'crashed', 'check-crashed'],
  ])(
    'lets the others go on when one %s, and then there is no verdict',
    async (_what, error, result, reason) => {
      const examined = await ask({
        good: { scan: () => Promise.resolve(good) },
        other: { scan: () => Promise.reject(error) },
      });

      expect(checksOf(examined).map((check) => check[2])).toEqual(['passed', 'passed', result, 'passed']);
      expect(judgeManifests(policies, examined).get(image)).toMatchObject({ status: 'error', reason });
    },
  );

  it('leaves an image without a verdict where nobody was asked', () => {
    expect(judgeManifests(policies, manifests).get(image)).toMatchObject({ status: 'error' });
  });

  it.each([
    [
      'the registry fails',
      new OciError('x', { code: 'registry-unavailable', operation: 'x', retryable: true }),
    ],
    ['it is ended', new Error('the end')],
  ])('says nothing at all when %s', async (what, error) => {
    const ended = new AbortController();
    const scan = (): Promise<never> => {
      if (what === 'it is ended') ended.abort(error);
      return Promise.reject(what === 'it is ended' ? new Error('aborted') : error);
    };
    const asked = ask({ good: { scan }, other: { scan } }, ended.signal);

    await expect(asked).rejects.toBe(error);
  });
});

async function ask(
  scanners: Record<string, Scanner>,
  signal = new AbortController().signal,
): Promise<ExaminedManifest[]> {
  return await askChecks(manifests, {
    client: {} as RegistryClient,
    repository: RepositoryName.parse('team/app'),
    policies,
    scanners: new Map(Object.entries(scanners)),
    now: new Date(),
    signal,
  });
}

function checksOf([first]: readonly ExaminedManifest[]): string[][] {
  if (first?.kind !== 'image') return [];
  return first.checks.map(({ policy, kind, result }) => [policy, kind, result]);
}

function policyOf(name: string, checks: object[]): object {
  return { name, registry: 'test', repositories: ['**'], checks };
}
