import { digestOf, RegistryName, RepositoryName } from '@pratique/contracts';
import { buildScanReport, digestOfPolicy } from './build-scan-report.js';
import { judgeScan } from './judge-scan.js';
import { compilePolicies, type ScanPolicy } from './scan-policy.js';
import { ScanReport } from './scan-report.js';
import { ScanSection } from './scan.settings.js';
import type { ExaminedManifest } from './verdict.js';

const image = { registry: RegistryName.parse('customer'), repository: RepositoryName.parse('team/app') };
const [digest, index] = [digestOf('image'), digestOf('index')];
const denied = { id: 'denied', path: 'a.exe', message: 'The file a.exe is denied.', mend: 'Remove it.' };
const found = { id: 'denied', path: 'b.exe', message: 'The file b.exe is denied.', mend: 'Remove it.' };

describe('scan/build-scan-report', () => {
  it('keeps what every check saw, on every manifest, and who answers for what was borne', () => {
    const report = reportOf([policyWith({ exceptions: [exceptionFor('a.exe')] })]);

    expect(report).toMatchObject({
      image: { repository: 'team/app', digest: index },
      policies: [{ name: 'p', mode: 'enforce' }],
      verdict: { status: 'failed' },
      manifests: [
        {
          digest,
          kind: 'image',
          verdict: { status: 'failed' },
          checks: [
            { kind: 'secrets', result: 'passed', findings: [] },
            { kind: 'content', findings: [found, { ...denied, exception: { owner: 'alice' } }], unlisted: 2 },
          ],
        },
        { digest: index, kind: 'index', children: [digest], checks: [] },
      ],
    });
  });

  it('tells an observing policy from one that counts', () => {
    const report = reportOf([policyWith({ mode: 'observe' })]);

    expect(report.verdict).toBeUndefined();
    expect(report.observed).toEqual([{ policy: 'p', verdict: { status: 'failed' } }]);
    expect(report.manifests[0]?.checks).toHaveLength(2);
  });

  it('is the same after it was stored', () => {
    const report = reportOf([policyWith({})]);

    expect(ScanReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it('knows one policy from another by what it asks', () => {
    const [a, b] = [policyWith({}), policyWith({ name: 'other', repositories: ['other'] })];
    const c = policyWith({ checks: [{ secrets: {} }] });

    expect(digestOfPolicy(a)).toBe(digestOfPolicy(b));
    expect(digestOfPolicy(a)).not.toBe(digestOfPolicy(c));
  });
});

function reportOf(policies: ScanPolicy[]): ScanReport {
  const checks = [
    { policy: 'p', kind: 'secrets', result: 'passed', findings: [] },
    { policy: 'p', kind: 'content', result: 'failed', findings: [denied, found], unlisted: 2 },
  ] as const;
  const manifests: ExaminedManifest[] = [
    { digest, kind: 'image', checks },
    { digest: index, kind: 'index', children: [digest] },
  ];
  const now = new Date('2026-06-01T00:00:00Z');
  const judged = judgeScan({ ...image, digest: index, policies, manifests, now });
  return buildScanReport({
    image: { ...image, digest: index },
    policies,
    judged,
    startedAt: now,
    finishedAt: now,
  });
}

function policyWith(change: object): ScanPolicy {
  const settings = {
    name: 'p',
    registry: 'customer',
    repositories: ['team/*'],
    checks: [{ secrets: {} }, { content: { deny: ['*.exe'] } }],
    ...change,
  };
  const [policy] = compilePolicies(ScanSection.parse([settings]));
  if (policy === undefined) throw new Error('no policy');
  return policy;
}

function exceptionFor(path: string): object {
  const base = { id: 'denied', owner: 'alice', reason: 'Known.', ticket: 'SEC-1', expires: '2026-12-31' };
  return { ...base, paths: [path] };
}
