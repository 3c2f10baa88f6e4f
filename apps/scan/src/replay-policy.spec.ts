import { digestOf, RegistryName, RepositoryName } from '@pratique/contracts';
import { buildScanReport } from './build-scan-report.js';
import { judgeScan } from './judge-scan.js';
import { replayPolicy } from './replay-policy.js';
import { compilePolicies, type ScanPolicy } from './scan-policy.js';
import { ScanReport } from './scan-report.js';
import { ScanSection } from './scan.settings.js';
import type { ExaminedCheck, ExaminedManifest, Unreadable } from './verdict.js';

const repository = RepositoryName.parse('team/app');
const [digest, index] = [digestOf('image'), digestOf('index')];
const openssl = { id: 'CVE-2026-1', package: 'openssl', version: '3.0.1', severity: 'medium' };
const evidence = { scanner: { name: 'Trivy' }, recognised: true, vulnerabilities: [openssl] };
const denied = { id: 'denied', path: 'a.exe', message: 'The file a.exe is denied.', mend: 'Remove it.' };
const scanned = [{ content: { deny: ['*.exe'] } }, { vulnerabilities: { scanner: 'trivy' } }];

describe('scan/replay-policy', () => {
  it('says of the same policy what was said then', () => {
    expect(replay(scanned)).toMatchObject({ was: 'passed', would: 'passed', findings: [], unknown: [] });
  });

  it('judges again what a scanner has found', () => {
    const replayed = replay([scanned[0], { vulnerabilities: { scanner: 'another', severity: 'medium' } }]);

    expect(replayed).toMatchObject({ was: 'passed', would: 'failed', findings: [{ id: 'CVE-2026-1' }] });
  });

  it.each([
    ['other settings, of which nothing is stored', [{ content: { deny: ['*.sh'] } }], /other settings/],
    ['a check that was not made', [scanned[1], { secrets: {} }], /nobody asked/],
  ])('does not know about %s', (_what, checks, why) => {
    const replayed = replay(checks);

    expect(replayed.would).toBe('unknown');
    expect(replayed.unknown.join()).toMatch(why);
  });

  it('knows that what fails fails, whatever it does not know', () => {
    const stricter = { vulnerabilities: { scanner: 'trivy', severity: 'low' } };

    expect(replay([{ secrets: {} }, stricter])).toMatchObject({ would: 'failed' });
  });

  it('makes the exceptions of the day on which it was scanned, and only those of the policy', () => {
    const exception = {
      id: 'denied',
      paths: ['*'],
      owner: 'alice',
      reason: 'x',
      ticket: 'T',
      expires: '2026-06-01',
    };
    const stored = [{ result: 'failed', findings: [denied] }];
    const borne = { exceptions: [exception] };

    expect(replay(scanned, { stored, then: borne })).toMatchObject({ was: 'passed', would: 'failed' });
    expect(replay(scanned, { stored, then: borne, now: borne })).toMatchObject({ would: 'passed' });
    const ended = { exceptions: [{ ...exception, expires: '2026-05-31' }] };
    expect(replay(scanned, { stored, then: borne, now: ended })).toMatchObject({ would: 'failed' });
  });

  it('lets nothing pass that could not be read', () => {
    const unreadable = { reason: 'not-readable', message: 'It is damaged.' } as const;

    expect(replay(scanned, { unreadable })).toMatchObject({ was: 'unscannable', would: 'unscannable' });
  });

  it('judges by a policy that only observes as if it counted', () => {
    const replayed = replay(scanned, { then: { mode: 'observe' }, now: { mode: 'observe' } });

    expect(replayed).toMatchObject({ was: 'observed', would: 'passed' });
  });
});

interface Circumstances {
  /** What the checks said then. */
  stored?: object[];
  unreadable?: Unreadable;
  /** Of the policy then, and of the one that is tried. */
  then?: object;
  now?: object;
}

function replay(checks: readonly (object | undefined)[], circumstances: Circumstances = {}) {
  const { stored = [], unreadable, then = {}, now = {} } = circumstances;
  const policies = [policyOf(scanned, then)];
  const found = [
    { policy: 'p', kind: 'content', result: 'passed', findings: [], ...stored[0] },
    { policy: 'p', kind: 'vulnerabilities', result: 'passed', findings: [], evidence },
  ] as unknown as ExaminedCheck[];
  const manifests: ExaminedManifest[] = [
    { digest, kind: 'image', checks: found, unreadable },
    { digest: index, kind: 'index', children: [digest] },
  ];
  const at = new Date('2026-06-01T12:00:00Z');
  const report = buildScanReport({
    image: { registry: RegistryName.parse('customer'), repository, digest: index },
    policies,
    judged: judgeScan({ repository, digest: index, policies, manifests, now: at }),
    startedAt: at,
    finishedAt: at,
  });
  return replayPolicy(policyOf(checks, now), ScanReport.parse(JSON.parse(JSON.stringify(report))));
}

function policyOf(checks: readonly (object | undefined)[], change: object): ScanPolicy {
  const settings = { name: 'p', registry: 'customer', repositories: ['**'], checks, ...change };
  const [policy] = compilePolicies(ScanSection.parse([settings]));
  if (policy === undefined) throw new Error('no policy');
  return policy;
}
