import { versionOf } from '@pratique/config';
import type { Digest, Tag } from '@pratique/contracts';
import type { NewestTags } from './sync-rule.js';

/** A tag as a registry lists it. */
export interface ListedTag {
  tag: Tag;
  /** Where the listing tells it. */
  digest?: Digest;
  /** ISO 8601, of the tag's last move, where the listing tells it. */
  updatedAt?: string;
}

/** The newest of the tags that a rule takes in one repository. Tags of equal rank keep the order of their names. */
export function newestTags(tags: readonly ListedTag[], { count, by }: NewestTags): ReadonlySet<Tag> {
  const ranked = by === 'version' ? byVersion(tags) : byUpdate(tags);
  return new Set(ranked.slice(0, count));
}

function byVersion(tags: readonly ListedTag[]): Tag[] {
  return tags
    .flatMap(({ tag }) => {
      const version = versionOf(tag);
      return version === undefined ? [] : [{ tag, version }];
    })
    .sort((a, b) => b.version.compare(a.version) || compare(a.tag, b.tag))
    .map(({ tag }) => tag);
}

function byUpdate(tags: readonly ListedTag[]): Tag[] {
  return tags
    .flatMap(({ tag, updatedAt }) => {
      const at = Date.parse(updatedAt ?? '');
      return Number.isNaN(at) ? [] : [{ tag, at }];
    })
    .sort((a, b) => b.at - a.at || compare(a.tag, b.tag))
    .map(({ tag }) => tag);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
