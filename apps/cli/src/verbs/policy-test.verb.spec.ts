import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '@pratique/contracts';
import { digestOfSettings } from '../../../scan/src/build-scan-report.js';
import { CheckSettings } from '../../../scan/src/checks/checks.js';
import { ConfigFolder } from '../../test/config-folder.js';
import { run, type Ran } from '../../test/run.js';

const registry = { name: 'customer', kind: 'distribution', host: 'customer.example', trust: 'production' };
const scanners = [{ name: 'it', kind: 'harbor', url: 'http://127.0.0.1:1' }];
const lenient = { vulnerabilities: { scanner: 'it', severity: 'critical' } };
const strict = { vulnerabilities: { scanner: 'it', severity: 'medium' } };
const digest = digestOf('image');

describe('cli/verbs/policy-test', () => {
  let folder: ConfigFolder;

  beforeEach(() => {
    folder = new ConfigFolder();
  });

  afterEach(() => folder.remove());

  function store(name: string, change: object = {}): void {
    const reports = folder.path('reports');
    mkdirSync(join(reports, '2026-11-20'), { recursive: true });
    writeFileSync(join(reports, '2026-11-20', name), JSON.stringify(reportWith(change)));
  }

  async function test(check: object, ...args: string[]): Promise<Ran> {
    const policy = { name: 'p', registry: 'customer', repositories: ['team/*'], checks: [check] };
    const config = folder.write('pratique.yaml', { registries: [registry], scanners, scan: [policy] });
    return await run(['policy', 'test', '--config', config, '--reports', folder.path('reports'), ...args]);
  }

  it('tells what a stricter policy would have refused, and why', async () => {
    store('one.json');
    const { exitCode, out } = await test(strict);

    expect(out.split('\n')).toEqual([
      `team/app@${digest} in customer (2026-11-20): passed, would be failed`,
      '  CVE-2026-1: openssl 3.0.1 has CVE-2026-1, which is high.',
      'p on 1 scan: would have refused 1 more, cleared 0 more; 0 cannot be told.',
      '',
    ]);
    expect(exitCode).toBe(1);
  });

  it('has nothing to tell of the policy that there was', async () => {
    store('one.json');

    expect(await test(lenient)).toMatchObject({ exitCode: 0 });
  });

  it('says what cannot be told', async () => {
    store('one.json');
    const { exitCode, out } = await test({ secrets: {} });

    expect([exitCode, out]).toEqual([1, expect.stringContaining('  ? secrets: nobody asked that then')]);
  });

  it.each([
    ['another repository', { image: { registry: 'customer', repository: 'other/app', digest } }, []],
    ['another registry', { image: { registry: 'vendor', repository: 'team/app', digest } }, []],
    ['a day before', {}, ['--since', '2026-11-21']],
    ['a day after', {}, ['--until', '2026-11-19']],
  ])('leaves out scans of %s', async (_what, change, args) => {
    store('one.json', change);
    const { exitCode, out } = await test(strict, ...args);

    expect([exitCode, out]).toEqual([0, expect.stringContaining('p on 0 scans')]);
  });

  it('names a file that is no report, and prints everything as JSON', async () => {
    store('one.json');
    store('two.json', { schema: 'x' });
    const { exitCode, out } = await test(lenient, '--json');

    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      policy: 'p',
      images: [{ was: 'passed', would: 'passed' }],
      skipped: [{ problem: 'is no report of a scan' }],
    });
  });

  it.each([
    [['--since', 'yesterday'], /is not a day/],
    [['--policy', 'q'], /There is no policy "q"; there are p/],
    [['--reports', '/nowhere'], /cannot be read \(ENOENT\)/],
  ])('refuses %j', async (args, problem) => {
    store('one.json');
    const { exitCode, err } = await test(lenient, ...args);

    expect([exitCode, err]).toEqual([2, expect.stringMatching(problem)]);
  });
});

function reportWith(change: object): object {
  const openssl = { id: 'CVE-2026-1', package: 'openssl', version: '3.0.1', severity: 'high' };
  const { settings } = CheckSettings.parse(lenient);
  const check = {
    ...{
      policy: 'p',
      kind: 'vulnerabilities',
      settings: digestOfSettings(settings),
      result: 'passed',
      findings: [],
    },
    evidence: { scanner: { name: 'Trivy' }, vulnerabilities: [openssl] },
  };
  return {
    schema: 'io.pratique.scan-report.v1',
    image: { registry: 'customer', repository: 'team/app', digest },
    startedAt: '2026-11-20T10:00:00Z',
    finishedAt: '2026-11-20T10:00:01Z',
    policies: [{ name: 'p', mode: 'enforce', digest }],
    verdict: { status: 'passed' },
    observed: [],
    manifests: [{ digest, kind: 'image', verdict: { status: 'passed' }, checks: [check] }],
    ...change,
  };
}
