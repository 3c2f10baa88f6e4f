import type { Digest, RegistryName, RepositoryName, Tag } from '@pratique/contracts';
import type { NameRefusal } from './name-selection.js';
import type { SyncRule } from './sync-rule.js';

export interface TaggedImage {
  registry: RegistryName;
  repository: RepositoryName;
  tag: Tag;
}

/** One tag of a target to bring to where its source is. */
export interface PlannedCopy {
  rule: string;
  source: TaggedImage;
  target: TaggedImage;
  /**
   * The image that was decided on, after `cleared` and `approved`: only these bytes may go. Absent after `pushed`, where
   * whatever the tag names by then is copied.
   */
  decided?: Digest;
  /** Present where the target's tag goes when the source's has gone. */
  mirror?: Mirror;
  manner: CopyManner;
}

/** How a rule wants its copies made. */
export type CopyManner = Pick<
  SyncRule,
  'referrers' | 'method' | 'overwrite' | 'platforms' | 'artifactTypes' | 'concurrency'
> & {
  /** Another rule leads back: the source's tag is a target as well. */
  twoWay: boolean;
};

export interface Mirror {
  /** Tags that the rule takes away in an hour. */
  maxPerHour: number;
}

/** A manifest that was deleted at the source by its digest, with all of its tags: which they were, only the target knows. */
export interface PlannedSweep {
  rule: string;
  source: { registry: RegistryName; repository: RepositoryName };
  target: { registry: RegistryName; repository: RepositoryName };
  digest: Digest;
}

/** A rule that starts at the event's registry and does not apply. */
export interface RefusedRule {
  rule: string;
  /** `other-event`: the rule waits for another kind of event, and says nothing about this one. */
  code: NameRefusal['code'] | 'other-event' | 'no-tag' | 'target-name' | 'not-newest' | 'claimed';
  /** Follows on the rule's name: `takes the repositories …`. */
  reason: string;
}
