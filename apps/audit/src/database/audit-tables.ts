import type { Generated, JSONColumnType } from 'kysely';

export interface AuditTables {
  entries: EntriesTable;
  outcome_positions: OutcomePositionsTable;
  outcome_partition_owners: OutcomePartitionOwnersTable;
}

export interface EntriesTable {
  sequence: Generated<string>;
  id: string;
  kind: string;
  type: string;
  source: string;
  subject: string;
  time: Date;
  recorded_at: Date;
  registry: string | null;
  repository: string | null;
  tag: string | null;
  digest: string | null;
  severity: string | null;
  reason: string | null;
  message: string | null;
  correlation_id: string;
  causation_id: string | null;
  body: JSONColumnType<Record<string, unknown>>;
}

/** What names one partition of one event hub as one consumer group reads it. */
export interface PartitionColumns {
  namespace: string;
  event_hub: string;
  consumer_group: string;
  partition_id: string;
}

/** How far the outcomes of each partition have been recorded. */
export interface OutcomePositionsTable extends PartitionColumns {
  event_offset: string;
  /** A bigint: drivers hand it over as text. */
  sequence_number: string;
}

/** Which instance reads which partition. */
export interface OutcomePartitionOwnersTable extends PartitionColumns {
  owner_id: string;
  etag: string;
  modified_at: Date;
}
