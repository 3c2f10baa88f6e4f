import { type Insertable, type Selectable, sql } from 'kysely';
import type { EntriesTable } from './database/audit-tables.js';
import type { AuditDatabase } from './database/open-database.js';
import { Entry, type NewEntry } from './entry.js';

/** Which entries to list; every filter matches exactly. */
export interface EntryQuery {
  /** Go on behind this sequence, in the direction of `order`. */
  after?: number | undefined;
  limit: number;
  order: 'asc' | 'desc';
  type?: string | undefined;
  registry?: string | undefined;
  repository?: string | undefined;
  digest?: string | undefined;
  correlation?: string | undefined;
}

export interface EntryPage {
  entries: Entry[];
  /** What to give as `after` for the next page; null when this page is the last for now. */
  next: number | null;
}

// Any number will do, as long as nothing else in this database takes an advisory lock with it.
const appendLock = 4_702_111_234;
// A statement of PostgreSQL has room for 65,535 values, and a row has 17.
const maxRowsPerStatement = 1000;

/** The table of entries: it is appended to and read, and never changed. */
export class EntryStore {
  constructor(private readonly database: AuditDatabase) {}

  /**
   * Stores entries, in their order. An id that is there already changes nothing.
   *
   * One writer at a time: sequences are handed out before they are committed, so of two writers the later number could
   * become visible first, and a reader that follows `next` would never see the earlier one.
   *
   * @returns how many were new
   */
  async append(entries: readonly NewEntry[]): Promise<number> {
    if (entries.length === 0) return 0;
    return this.database.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${appendLock}::bigint)`.execute(transaction);
      let added = 0;
      for (let start = 0; start < entries.length; start += maxRowsPerStatement) {
        added += await insertNew(transaction, entries.slice(start, start + maxRowsPerStatement));
      }
      return added;
    });
  }

  async list(query: EntryQuery): Promise<EntryPage> {
    const { after, limit, order, correlation, ...columns } = query;
    let select = this.database.selectFrom('entries').selectAll().orderBy('sequence', order);
    if (after !== undefined) select = select.where('sequence', order === 'asc' ? '>' : '<', String(after));
    const filters = { ...columns, correlation_id: correlation };
    for (const column of ['type', 'registry', 'repository', 'digest', 'correlation_id'] as const) {
      const value = filters[column];
      if (value !== undefined) select = select.where(column, '=', value);
    }
    // One more than asked for tells whether a page follows.
    const rows = await select.limit(limit + 1).execute();
    const entries = rows.slice(0, limit).map(entryOf);
    return { entries, next: rows.length > limit ? (entries.at(-1)?.sequence ?? null) : null };
  }
}

async function insertNew(database: AuditDatabase, entries: readonly NewEntry[]): Promise<number> {
  const inserted = await database
    .insertInto('entries')
    .values(entries.map(rowOf))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('sequence')
    .execute();
  return inserted.length;
}

function rowOf(entry: NewEntry): Insertable<EntriesTable> {
  const { recordedAt, correlationId, causationId, body, ...rest } = entry;
  return {
    ...rest,
    recorded_at: recordedAt,
    correlation_id: correlationId,
    causation_id: causationId,
    body: JSON.stringify(body),
  };
}

function entryOf(row: Selectable<EntriesTable>): Entry {
  const { sequence, recorded_at, correlation_id, causation_id, ...rest } = row;
  return Entry.parse({
    ...rest,
    // A bigint, which the drivers give as text; it stays far below 2^53.
    sequence: Number(sequence),
    recordedAt: recorded_at,
    correlationId: correlation_id,
    causationId: causation_id,
  });
}
