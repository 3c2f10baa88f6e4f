import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEntryStore } from '../entry-store.contract.js';
import { describePositionStore } from '../position-store.contract.js';
import { type AuditDatabase, openDatabase } from './open-database.js';

// An embedded PostgreSQL takes seconds to start on a busy machine.
jest.setTimeout(60_000);

describe('audit/database/open-database', () => {
  describeEntryStore('PGlite in memory', () => openDatabase({ memory: true }));
  describePositionStore('PGlite in memory', () => openDatabase({ memory: true }));

  describe('in a folder', () => {
    let folder: string;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'pratique-audit-'));
    });

    afterEach(async () => {
      await rm(folder, { recursive: true });
    });

    it('makes the folder, and finds everything again when it is opened anew', async () => {
      const settings = { folder: join(folder, 'state', 'audit') };
      await using first = disposable(await openDatabase(settings));
      await first.database
        .insertInto('outcome_positions')
        .values({ namespace: 'n', event_hub: 'h', consumer_group: 'g', partition_id: '0', ...start })
        .execute();
      await first.close();

      await using second = disposable(await openDatabase(settings));
      expect(await second.database.selectFrom('outcome_positions').selectAll().execute()).toHaveLength(1);
    });
  });
});

const start = { event_offset: '0', sequence_number: '0' };

function disposable(database: AuditDatabase): AsyncDisposable & {
  database: AuditDatabase;
  close: () => Promise<void>;
} {
  const close = async (): Promise<void> => database.destroy();
  return { database, close, [Symbol.asyncDispose]: close };
}
