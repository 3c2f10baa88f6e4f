import picomatch from 'picomatch';

export type PathMatcher = (path: string) => boolean;

// As for repositories and tags: braces, classes and negation would only add ways to match something else than was meant.
const plainWildcards = { dot: true, nobrace: true, nobracket: true, noextglob: true, nonegate: true };

/**
 * Whether a path matches one of some globs: `*` stands for anything within a folder, `**` for any number of folders.
 * Names that start with a dot are like all others, and so are names with a line break in them, which whoever builds an
 * image is free to choose.
 */
export function pathMatcher(globs: readonly string[], { nocase = false } = {}): PathMatcher {
  return picomatch([...globs], { ...plainWildcards, windows: false, flags: nocase ? 'is' : 's' });
}
