import { EngineError } from './engine-error.js';
import { EventPartition } from './event-partition.js';
import type { EngineContext } from './journal.js';
import { partitionForKey } from './partition-key-hash.js';
import { PartitionOwners } from './partition-owners.js';

/** The consumer group that every event hub has. */
export const DEFAULT_CONSUMER_GROUP = '$Default';

/** The most that any tier of Event Hubs has. */
const MAX_PARTITIONS = 1024;

export interface EventHubOptions {
  readonly name: string;
  readonly partitions: number;
  readonly consumerGroups?: readonly string[];
}

/** Events to append, all to one partition: the given one, the key's, or the next in turn. */
export interface EventBatch {
  readonly encoded: readonly Buffer[];
  readonly partition?: string | undefined;
  readonly partitionKey?: string | undefined;
}

/** An event hub: numbered partitions, each read independently by every consumer group. */
export class EventHub {
  readonly name: string;
  readonly createdAt: number;
  private readonly partitions: ReadonlyMap<string, EventPartition>;
  private readonly owners = new Map<string, PartitionOwners>();
  private readonly consumerGroups: ReadonlySet<string>;
  private nextInTurn = 0;

  /** Throws RangeError for a number of partitions that Azure does not offer either. */
  constructor(options: EventHubOptions, context: EngineContext) {
    if (
      !Number.isInteger(options.partitions) ||
      options.partitions < 1 ||
      options.partitions > MAX_PARTITIONS
    ) {
      throw new RangeError(`Event hub '${options.name}' needs 1 to ${MAX_PARTITIONS} partitions.`);
    }
    this.name = options.name;
    this.createdAt = context.clock.now();
    const ids = Array.from({ length: options.partitions }, (_, index) => String(index));
    this.partitions = new Map(
      ids.map((id) => [id, new EventPartition({ hub: options.name, partition: id }, context)]),
    );
    this.consumerGroups = new Set(
      [DEFAULT_CONSUMER_GROUP, ...(options.consumerGroups ?? [])].map((group) => group.toLowerCase()),
    );
  }

  get partitionIds(): string[] {
    return [...this.partitions.keys()];
  }

  findPartition(id: string): EventPartition | undefined {
    return this.partitions.get(id);
  }

  /** Throws `argument-out-of-range`. */
  partition(id: string): EventPartition {
    const partition = this.findPartition(id);
    if (partition === undefined) {
      throw new EngineError(
        'argument-out-of-range',
        `The partition '${id}' does not exist; event hub '${this.name}' has ${this.partitionIds.join(', ')}.`,
      );
    }
    return partition;
  }

  /** The readers' register of one partition in one consumer group. Throws `entity-not-found`, `argument-out-of-range`. */
  ownersOf(consumerGroup: string, partitionId: string): PartitionOwners {
    const group = consumerGroup.toLowerCase();
    if (!this.consumerGroups.has(group)) {
      throw new EngineError(
        'entity-not-found',
        `The messaging entity '${this.name}/ConsumerGroups/${consumerGroup}' could not be found.`,
      );
    }
    this.partition(partitionId);
    const key = `${group}/${partitionId}`;
    const owners = this.owners.get(key) ?? new PartitionOwners();
    this.owners.set(key, owners);
    return owners;
  }

  /** Appends a batch, all or nothing. Rejects with `argument-out-of-range` for an unknown partition. */
  async append(batch: EventBatch): Promise<void> {
    await this.partition(this.choosePartition(batch)).append(batch.encoded, batch.partitionKey);
  }

  private choosePartition({ partition, partitionKey }: EventBatch): string {
    if (partition !== undefined) return partition;
    if (partitionKey !== undefined) return String(partitionForKey(partitionKey, this.partitions.size));
    const chosen = this.nextInTurn % this.partitions.size;
    this.nextInTurn = chosen + 1;
    return String(chosen);
  }
}
