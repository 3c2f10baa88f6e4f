import { minVersion, parse, Range, type ReleaseType, type SemVer, validRange } from 'semver';
import { z } from 'zod';

/** Versions of a range, as npm writes ranges: `{ semver: '>=1.2 <3' }`. https://github.com/npm/node-semver#ranges */
export const VersionPattern = z.strictObject({
  semver: z
    .string()
    .min(1)
    .max(255, 'is longer than 255 characters')
    .refine(isRange, "is not a range of versions such as '>=1.2 <3' or '^2'")
    .refine(isMet, 'is a range that no version lies in'),
  /** Also `2.0.0-rc.1` and `1.2-alpine`: what stands behind the numbers makes a version a pre-release. */
  prereleases: z.boolean().optional(),
});
export type VersionPattern = z.infer<typeof VersionPattern>;

// Two or three numbers: one alone is as often a date, a build number or a tag that moves.
const tagSyntax = /^v?(\d{1,15})\.(\d{1,15})(?:\.(\d{1,15}))?(?:-([0-9A-Za-z.-]+))?(?:[+_][0-9A-Za-z._-]+)?$/;

/**
 * Reads a tag as a version. Shortened ones are filled up (`1.2` is 1.2.0), a leading `v` and leading zeros do not count, and
 * what follows `_` is build information, since a tag cannot hold the `+` of a version.
 *
 * @returns undefined when it is none
 */
export function versionOf(tag: string): SemVer | undefined {
  const [, major, minor, patch = '0', prerelease] = tagSyntax.exec(tag) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const numbers = [major, minor, patch].map(Number).join('.');
  return parse(prerelease === undefined ? numbers : `${numbers}-${prerelease}`) ?? undefined;
}

/** Compiles a pattern once. The function tells whether a tag is a version of the range. */
export function versionMatcherOf({ semver, prereleases = false }: VersionPattern): (tag: string) => boolean {
  const range = new Range(semver, { includePrerelease: prereleases });
  return (tag) => {
    const version = versionOf(tag);
    return version !== undefined && (prereleases || version.prerelease.length === 0) && range.test(version);
  };
}

/** Some versions of a range: the lowest, and the next ones of each rank. */
export function exampleVersionsOf(pattern: VersionPattern): string[] {
  const lowest = minVersion(pattern.semver);
  if (lowest === null) return [];
  const matches = versionMatcherOf(pattern);
  const ranks: ReleaseType[] = ['patch', 'minor', 'major'];
  const versions = [lowest, ...ranks.map((rank) => parse(lowest.version)?.inc(rank) ?? lowest)];
  return [...new Set(versions.map(({ version }) => version))].filter(matches);
}

function isMet(text: string): boolean {
  return !isRange(text) || minVersion(text) !== null;
}

function isRange(text: string): boolean {
  return validRange(text) !== null;
}
