import { type ImagePattern, matcherOf } from '@pratique/config';

/** About which repositories a sender may speak. Without a list every repository of that registry is allowed. */
export function repositoryAllowList(
  patterns: readonly ImagePattern[] | undefined,
): (repository: string) => boolean {
  return patterns === undefined ? () => true : matcherOf(patterns);
}
