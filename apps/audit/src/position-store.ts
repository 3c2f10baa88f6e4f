import { randomUUID } from 'node:crypto';
import type { Checkpoint, CheckpointStore, PartitionOwnership } from '@pratique/messaging';
import { type Selectable, sql } from 'kysely';
import type {
  OutcomePartitionOwnersTable,
  OutcomePositionsTable,
  PartitionColumns,
} from './database/audit-tables.js';
import type { AuditDatabase } from './database/open-database.js';

type Partition = Pick<
  Checkpoint,
  'fullyQualifiedNamespace' | 'eventHubName' | 'consumerGroup' | 'partitionId'
>;

/**
 * Keeps how far each partition of the event hub has been recorded, and who reads it, in the database that holds the
 * entries: both are backed up and restored together, so a position is never ahead of what was recorded.
 */
export class PositionStore implements CheckpointStore {
  constructor(private readonly database: AuditDatabase) {}

  async listOwnership(
    fullyQualifiedNamespace: string,
    eventHubName: string,
    consumerGroup: string,
  ): Promise<PartitionOwnership[]> {
    const rows = await this.database
      .selectFrom('outcome_partition_owners')
      .selectAll()
      .where('namespace', '=', fullyQualifiedNamespace)
      .where('event_hub', '=', eventHubName)
      .where('consumer_group', '=', consumerGroup)
      .execute();
    return rows.map(ownerOf);
  }

  /**
   * Takes partitions over, as far as nobody was faster.
   *
   * @returns those that were taken, with the etag under which the next claim must come
   */
  async claimOwnership(claims: PartitionOwnership[]): Promise<PartitionOwnership[]> {
    const claimed: PartitionOwnership[] = [];
    for (const claim of claims) {
      const row = await this.claim(claim);
      if (row !== undefined) claimed.push(ownerOf(row));
    }
    return claimed;
  }

  /** Compare and set in one statement: of two claims under the same etag, the database lets one through. */
  private claim(claim: PartitionOwnership): Promise<Selectable<OutcomePartitionOwnersTable> | undefined> {
    const owner = { owner_id: claim.ownerId, etag: randomUUID(), modified_at: sql<Date>`now()` };
    return this.database
      .insertInto('outcome_partition_owners')
      .values({ ...partitionColumns(claim), ...owner })
      .onConflict((conflict) =>
        conflict
          .columns(['namespace', 'event_hub', 'consumer_group', 'partition_id'])
          .doUpdateSet(owner)
          // Without an etag the claimant believed the partition to be free; as there is a row, it is not.
          .where('outcome_partition_owners.etag', '=', claim.etag ?? ''),
      )
      .returningAll()
      .executeTakeFirst();
  }

  /** Overwrites: an instance that lost the partition and reports late turns the clock back, and entries come again. */
  async updateCheckpoint(checkpoint: Checkpoint): Promise<void> {
    const position = {
      event_offset: checkpoint.offset,
      sequence_number: String(checkpoint.sequenceNumber),
    };
    await this.database
      .insertInto('outcome_positions')
      .values({ ...partitionColumns(checkpoint), ...position })
      .onConflict((conflict) =>
        conflict.columns(['namespace', 'event_hub', 'consumer_group', 'partition_id']).doUpdateSet(position),
      )
      .execute();
  }

  async listCheckpoints(
    fullyQualifiedNamespace: string,
    eventHubName: string,
    consumerGroup: string,
  ): Promise<Checkpoint[]> {
    const rows = await this.database
      .selectFrom('outcome_positions')
      .selectAll()
      .where('namespace', '=', fullyQualifiedNamespace)
      .where('event_hub', '=', eventHubName)
      .where('consumer_group', '=', consumerGroup)
      .execute();
    return rows.map(positionOf);
  }
}

function partitionColumns(partition: Partition): PartitionColumns {
  return {
    namespace: partition.fullyQualifiedNamespace,
    event_hub: partition.eventHubName,
    consumer_group: partition.consumerGroup,
    partition_id: partition.partitionId,
  };
}

function partitionOf(row: PartitionColumns): Partition {
  return {
    fullyQualifiedNamespace: row.namespace,
    eventHubName: row.event_hub,
    consumerGroup: row.consumer_group,
    partitionId: row.partition_id,
  };
}

function ownerOf(row: Selectable<OutcomePartitionOwnersTable>): PartitionOwnership {
  return {
    ...partitionOf(row),
    ownerId: row.owner_id,
    etag: row.etag,
    lastModifiedTimeInMs: row.modified_at.getTime(),
  };
}

function positionOf(row: Selectable<OutcomePositionsTable>): Checkpoint {
  return { ...partitionOf(row), offset: row.event_offset, sequenceNumber: Number(row.sequence_number) };
}
