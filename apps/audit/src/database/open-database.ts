import { mkdir } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import type { DatabaseSettings } from '../audit.settings.js';
import type { AuditTables } from './audit-tables.js';
import { migrations } from './migrations.js';

export type AuditDatabase = Kysely<AuditTables>;

// Long enough for a server that is failing over, short enough for a start that should fail to say so.
const connectionTimeoutMs = 10_000;
// Recording and listing are both indexed; what takes longer is stuck, and its caller tries again.
const statementTimeoutMs = 30_000;

export interface OpenDatabaseOptions {
  /** Told when a connection that nobody is using breaks: the pool replaces it, so there is nothing to do but say it. */
  onIdleError?: (error: Error) => void;
}

/**
 * Opens the database and brings its tables up to date. The caller ends it with `destroy()`: an embedded database that is
 * left open keeps its process alive.
 */
export async function openDatabase(
  settings: DatabaseSettings,
  options: OpenDatabaseOptions = {},
): Promise<AuditDatabase> {
  const database = await connectDatabase(settings, options);
  try {
    await migrateDatabase(database);
    return database;
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

/** The first half of {@link openDatabase}. A server is not asked for anything yet. */
export async function connectDatabase(
  settings: DatabaseSettings,
  options: OpenDatabaseOptions,
): Promise<AuditDatabase> {
  if ('url' in settings) return new Kysely({ dialect: postgres(settings.url.reveal(), options) });
  if ('memory' in settings)
    return new Kysely({ dialect: new PGliteDialect({ pglite: await PGlite.create() }) });
  await mkdir(settings.folder, { recursive: true });
  return new Kysely({ dialect: new PGliteDialect({ pglite: await PGlite.create(settings.folder) }) });
}

function postgres(connectionString: string, { onIdleError }: OpenDatabaseOptions): PostgresDialect {
  const pool = new pg.Pool({
    connectionString,
    application_name: 'pratique-audit',
    connectionTimeoutMillis: connectionTimeoutMs,
    statement_timeout: statementTimeoutMs,
  });
  // Without a listener, Node ends the process when an idle connection breaks (https://node-postgres.com/apis/pool#error).
  pool.on('error', onIdleError ?? (() => undefined));
  return new PostgresDialect({ pool });
}

/** The other half. Instances that start together take turns: Kysely holds an advisory lock of PostgreSQL while it migrates. */
export async function migrateDatabase(database: AuditDatabase): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  throw new Error('The tables of the audit database could not be brought up to date.', { cause: error });
}
