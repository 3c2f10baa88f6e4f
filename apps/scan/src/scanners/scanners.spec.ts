import { readdirSync } from 'node:fs';
import { problemWithAge } from './bounded-scanner.js';
import { scanners, ScannersSection } from './scanners.js';

const trivy = { name: 'trivy', kind: 'trivy', path: '/usr/bin/trivy', cacheFolder: '/var/lib/trivy' };

describe('scan/scanners/scanners', () => {
  it('lists every scanner of the folder, and no other, each with a test', () => {
    const files = readdirSync(__dirname);
    const found = files.filter((file) => file.endsWith('.scanner.ts'));

    expect(scanners.map(({ kind }) => `${kind}.scanner.ts`)).toEqual(found.toSorted());
    for (const { kind } of scanners) expect(files).toContain(`${kind}.scanner.spec.ts`);
  });

  it.each([
    ['no such kind', [{ ...trivy, kind: 'clair' }], /is not a scanner/],
    ['a program that is to be looked for', [{ ...trivy, path: 'trivy' }], /is not the whole path/],
    ['one name twice', [trivy, trivy], /once more/],
    [
      'a password in the file',
      [{ name: 'h', kind: 'harbor', url: 'http://h', credentials: { token: 'x' } }],
      /secret/,
    ],
    ['an address that is none', [{ name: 'h', kind: 'harbor', url: 'file:///etc' }], /url/],
  ])('refuses %s', (_what, section, problem) => {
    expect(() => ScannersSection.parse(section)).toThrow(problem);
  });

  it.each([
    ['2026-11-20T00:00:00Z', 120, true],
    ['2026-11-19T23:59:59Z', 120, false],
    [undefined, 120, false],
    [undefined, 'any', true],
    ['2020-01-01T00:00:00Z', 'any', true],
  ] as const)(
    'lets data of %s, which may be %s hours old on the 25th, count: %s',
    (updatedAt, most, counts) => {
      const scanner = { name: 'it', ...(updatedAt && { database: { updatedAt } }) };
      const bounds = { name: 'it', databaseMaxAgeHours: most };

      expect(problemWithAge({ scanner }, bounds, new Date('2026-11-25T00:00:00Z')) === undefined).toBe(
        counts,
      );
    },
  );
});
