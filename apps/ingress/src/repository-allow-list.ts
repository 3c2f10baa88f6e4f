import picomatch from 'picomatch';

/**
 * About which repositories a sender may speak: `*` stands for anything within a segment of a name, `**` for any number of
 * segments. Without a list every repository of that registry is allowed.
 */
export function repositoryAllowList(globs: readonly string[] | undefined): (repository: string) => boolean {
  if (globs === undefined) return () => true;
  return picomatch([...globs], {
    dot: true,
    nobrace: true,
    nobracket: true,
    noextglob: true,
    nonegate: true,
  });
}
