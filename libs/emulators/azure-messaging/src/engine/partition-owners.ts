import { EngineError } from './engine-error.js';

export interface PartitionOwner {
  /** Undefined: a receiver without an owner level. */
  readonly ownerLevel: number | undefined;
  /** Called when another receiver with at least the same level took the partition. */
  displaced(reason: string): void;
}

/** Azure's limit of receivers without an owner level on one partition and consumer group. */
const MAX_SHARED_RECEIVERS = 5;

/**
 * Who may read one partition in one consumer group. With an owner level there is one reader: the highest level wins and,
 * between equal levels, the newest, which is how load-balanced consumers take partitions from each other.
 */
export class PartitionOwners {
  private readonly owners = new Set<PartitionOwner>();

  /** Throws `receiver-displaced` when a present receiver outranks the new one, `quota-exceeded` when there are too many. */
  join(owner: PartitionOwner): void {
    const highest = Math.max(-1, ...[...this.owners].map(({ ownerLevel }) => ownerLevel ?? -1));
    const level = owner.ownerLevel ?? -1;
    if (level < highest) {
      throw new EngineError(
        'receiver-displaced',
        `A receiver with owner level ${highest} is reading this partition; a receiver with ${describe(owner)} cannot.`,
      );
    }
    if (owner.ownerLevel !== undefined) this.displaceAll(owner);
    else if (this.owners.size >= MAX_SHARED_RECEIVERS) {
      throw new EngineError(
        'quota-exceeded',
        `At most ${MAX_SHARED_RECEIVERS} receivers without an owner level can read a partition in one consumer group.`,
      );
    }
    this.owners.add(owner);
  }

  leave(owner: PartitionOwner): void {
    this.owners.delete(owner);
  }

  private displaceAll(by: PartitionOwner): void {
    for (const owner of [...this.owners]) {
      this.owners.delete(owner);
      owner.displaced(
        `A new receiver with ${describe(by)} took this partition, so this one was disconnected.`,
      );
    }
  }
}

function describe({ ownerLevel }: PartitionOwner): string {
  return ownerLevel === undefined ? 'no owner level' : `owner level ${ownerLevel}`;
}
