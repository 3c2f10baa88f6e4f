import { digestOf, RepositoryName } from '@pratique/contracts';
import type { Finding } from './checks/check.js';
import { applyExceptions, hasRunOut } from './apply-exceptions.js';
import { ScanException } from './scan-exception.settings.js';
import type { ExaminedCheck } from './verdict.js';

const [manifest, index, other] = [digestOf('manifest'), digestOf('index'), digestOf('other')];
const place = {
  repository: RepositoryName.parse('team-a/app'),
  digests: [manifest, index],
  now: new Date('2026-06-15T12:00:00Z'),
};

const openssl: Finding = {
  id: 'CVE-2026-1',
  package: 'openssl',
  message: 'openssl is vulnerable.',
  mend: 'Upgrade it.',
};
const key: Finding = {
  id: 'private-key',
  path: 'etc/ssl/key.pem',
  message: 'There is a key.',
  mend: 'Revoke it.',
};

describe('scan/apply-exceptions', () => {
  it.each<[string, Finding, object, boolean]>([
    ['its package', openssl, { packages: ['openssl'] }, true],
    ['a glob of packages', openssl, { packages: ['libx', 'open*'] }, true],
    ['another package', openssl, { packages: ['zlib'] }, false],
    ['a package, and the finding names none', key, { id: 'private-key', packages: ['*'] }, false],
    ['its path', key, { id: 'private-key', paths: ['etc/**'] }, true],
    ['another path', key, { id: 'private-key', paths: ['usr/**'] }, false],
    ['a path, and the finding names none', openssl, { paths: ['**'] }, false],
    ['another id', openssl, { id: 'CVE-2026-2', packages: ['*'] }, false],
    ['the beginning of its id', openssl, { id: 'CVE-2026', packages: ['*'] }, false],
    ['its repository', openssl, { repositories: ['team-*/**'] }, true],
    ['another repository', openssl, { repositories: ['team-b/*'] }, false],
    ['its digest', openssl, { digests: [manifest] }, true],
    ['the digest of an index that names it', openssl, { digests: [other, index] }, true],
    ['another digest', openssl, { digests: [other] }, false],
    ['its package, in another repository', openssl, { packages: ['openssl'], repositories: ['b'] }, false],
    ['its last day', openssl, { packages: ['*'], expires: '2026-06-15' }, true],
    ['the day before', openssl, { packages: ['*'], expires: '2026-06-14' }, false],
  ])('an exception for %s', (_what, finding, scope, counts) => {
    const result = applyExceptions(failedWith([finding]), [exception(scope)], place);

    expect(result.result).toBe(counts ? 'passed' : 'failed');
    expect([result.findings.length, result.excepted?.length ?? 0]).toEqual(counts ? [0, 1] : [1, 0]);
  });

  it('leaves what it does not cover', () => {
    const result = applyExceptions(failedWith([openssl, key]), [exception({ packages: ['*'] })], place);

    expect(result).toMatchObject({
      result: 'failed',
      findings: [key],
      excepted: [{ finding: openssl, exception: { id: 'CVE-2026-1', owner: 'alice', ticket: 'SEC-1' } }],
    });
  });

  it('does not pass a check that found more than it kept', () => {
    const check = { ...failedWith([openssl]), unlisted: 1 };

    expect(applyExceptions(check, [exception({ packages: ['*'] })], place).result).toBe('failed');
  });

  it.each<ExaminedCheck['result']>(['passed', 'nothing-to-check', 'crashed', 'no-answer'])(
    'makes nothing else of a check that is %s',
    (result) => {
      const check = { ...failedWith([openssl]), result };

      expect(applyExceptions(check, [exception({ packages: ['*'] })], place)).toBe(check);
    },
  );

  it('says that an exception has run out, and whom to ask', () => {
    const expired = exception({ packages: ['*'], expires: '2026-01-31' });
    const { findings } = applyExceptions(failedWith([openssl]), [expired], place);

    expect(findings[0]?.mend).toBe(
      'Its exception ended on 2026-01-31: renew it, or mend the image (SEC-1, alice).',
    );
  });

  it('counts one that is valid beside one that has run out', () => {
    const both = [exception({ packages: ['*'], expires: '2026-01-31' }), exception({ packages: ['*'] })];

    expect(applyExceptions(failedWith([openssl]), both, place).result).toBe('passed');
  });

  it.each([
    ['2026-06-14T23:59:59.999Z', false],
    ['2026-06-15T23:59:59.999Z', false],
    ['2026-06-16T00:00:00.000Z', true],
  ])('at %s, has one that expires on the 15th run out: %s', (now, ended) => {
    expect(hasRunOut({ expires: '2026-06-15' }, new Date(now))).toBe(ended);
  });

  it.each([
    ['no scope', {}, /narrow it down/],
    ['no owner', { packages: ['*'], owner: '' }, /owner/],
    ['no ticket', { packages: ['*'], ticket: undefined }, /ticket/],
    ['no reason', { packages: ['*'], reason: ' ' }, /reason/],
    ['no end', { packages: ['*'], expires: undefined }, /expires/],
    ['a day that is none', { packages: ['*'], expires: '2026-02-30' }, /is not a day/],
    ['a pattern for an id', { packages: ['*'], id: 'CVE-*' }, /is not the id of a finding/],
    ['a setting that does not exist', { package: 'openssl', packages: ['*'] }, /package/],
  ])('refuses one with %s', (_what, change, problem) => {
    expect(() => exception(change)).toThrow(problem);
  });
});

function exception(change: object): ScanException {
  return ScanException.parse({
    id: 'CVE-2026-1',
    owner: 'alice',
    reason: 'The code is not reached.',
    ticket: 'SEC-1',
    expires: '2026-12-31',
    ...change,
  });
}

function failedWith(findings: Finding[]): ExaminedCheck {
  return { policy: 'p', kind: 'secrets', result: 'failed', findings };
}
