import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * The steps that brought the tables to their present shape, in the order of their names. A step that has been released is
 * never edited: a database somewhere has run it.
 */
export const migrations: Record<string, Migration> = {
  '0001-entries': { up: createEntries },
  '0002-outcome-positions': { up: createOutcomePositions },
};

async function createEntries(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('entries')
    .addColumn('sequence', 'bigint', (column) => column.generatedAlwaysAsIdentity().primaryKey())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', (column) => column.notNull().check(sql`kind in ('event', 'outcome')`))
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('time', 'timestamptz', (column) => column.notNull())
    .addColumn('recorded_at', 'timestamptz', (column) => column.notNull())
    .addColumn('registry', 'text')
    .addColumn('repository', 'text')
    .addColumn('tag', 'text')
    .addColumn('digest', 'text')
    .addColumn('severity', 'text')
    .addColumn('reason', 'text')
    .addColumn('message', 'text')
    .addColumn('correlation_id', 'text', (column) => column.notNull())
    .addColumn('causation_id', 'text')
    .addColumn('body', 'jsonb', (column) => column.notNull())
    .execute();
  // Each filter of the query, in the order in which entries are listed.
  await indexEntries(database, ['type']);
  await indexEntries(database, ['registry', 'repository']);
  await indexEntries(database, ['repository']);
  await indexEntries(database, ['digest']);
  await indexEntries(database, ['correlation_id']);
}

async function indexEntries(database: Kysely<unknown>, columns: string[]): Promise<void> {
  await database.schema
    .createIndex(`entries_by_${columns.join('_and_')}`)
    .on('entries')
    .columns([...columns, 'sequence'])
    .execute();
}

async function createOutcomePositions(database: Kysely<unknown>): Promise<void> {
  await createTablePerPartition(database, 'outcome_positions')
    .addColumn('event_offset', 'text', (column) => column.notNull())
    .addColumn('sequence_number', 'bigint', (column) => column.notNull())
    .execute();
  await createTablePerPartition(database, 'outcome_partition_owners')
    .addColumn('owner_id', 'text', (column) => column.notNull())
    .addColumn('etag', 'text', (column) => column.notNull())
    .addColumn('modified_at', 'timestamptz', (column) => column.notNull())
    .execute();
}

const partition = ['namespace', 'event_hub', 'consumer_group', 'partition_id'] as const;

function createTablePerPartition<T extends string>(
  database: Kysely<unknown>,
  name: T,
): CreateTableBuilder<T, (typeof partition)[number]> {
  return partition
    .reduce<CreateTableBuilder<T, (typeof partition)[number]>>(
      (table, column) => table.addColumn(column, 'text', (definition) => definition.notNull()),
      database.schema.createTable(name),
    )
    .addPrimaryKeyConstraint(`${name}_key`, [...partition]);
}
