import { describeTagPattern, tagMatcherOf, TagPattern } from './tag-pattern.js';
import { versionOf } from './version-pattern.js';

const matches = (pattern: unknown, tag: string): boolean => tagMatcherOf([TagPattern.parse(pattern)])(tag);

describe('config/tag-pattern', () => {
  it.each([
    ['v*', 'v1', true],
    ['v*', '1', false],
    [{ regex: 'v[0-9]+' }, 'v12', true],
    [{ regex: 'v[0-9]+' }, 'v12-rc', false],
    [{ regex: 'v[0-9]+' }, 'xv12', false],
    [{ semver: '>=1.2 <2' }, '1.2', true],
    [{ semver: '>=1.2 <2' }, 'v1.10.3', true],
    [{ semver: '>=1.2 <2' }, '1.1.9', false],
    [{ semver: '>=1.2 <2' }, '2.0.0', false],
    [{ semver: '>=1.2 <2' }, '1.3-alpine', false],
    [{ semver: '>=1.2 <2', prereleases: true }, '1.3-alpine', true],
    [{ semver: '*' }, '24.04', true],
    [{ semver: '*' }, '1.0.0_build.5', true],
    [{ semver: '*' }, '20261125', false],
    [{ semver: '*' }, 'latest', false],
    [{ semver: '*' }, 'sha256-abc.sig', false],
  ])('%j on the tag %s: %s', (pattern, tag, expected) => {
    expect(matches(pattern, tag)).toBe(expected);
  });

  it('takes linear time where others take exponential', () => {
    const started = performance.now();

    expect(matches({ regex: '(a+)+b' }, 'a'.repeat(128))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it.each([
    { regex: '(?<=a)b' },
    { regex: '(a)\\1' },
    { regex: '(' },
    { regex: '((a{100}){100}){100}' },
    { regex: '' },
    { semver: 'x.y' },
    { semver: '>2 <1' },
    { regex: 'a', semver: '1' },
    '!x',
    5,
  ])('refuses %j', (pattern) => {
    expect(TagPattern.safeParse(pattern).success).toBe(false);
  });

  it('orders versions by value and not by text', () => {
    expect(versionOf('1.10')?.compare(versionOf('1.9.9') ?? '')).toBe(1);
    expect(versionOf('1.99999999999999999')).toBeUndefined();
  });

  it('writes a pattern as people do', () => {
    expect(['v*', { regex: 'a+' }, { semver: '^1', prereleases: true }].map(describeTagPattern)).toEqual([
      'v*',
      '/a+/',
      '^1 with pre-releases',
    ]);
  });
});
