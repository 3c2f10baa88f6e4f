import { RetryLater } from '@pratique/messaging';
import { anImagePushed } from '@pratique/testing';
import { openDatabase } from './database/open-database.js';
import { EntryStore } from './entry-store.js';
import { RecordEntry } from './record-entry.js';
import { RegistryEventConsumer } from './registry-event.consumer.js';

// An embedded PostgreSQL takes seconds to start on a busy machine.
jest.setTimeout(60_000);

describe('audit/registry-event.consumer', () => {
  it('has an event come again when the database does not take it', async () => {
    const database = await openDatabase({ memory: true });
    const consumer = new RegistryEventConsumer(new RecordEntry(new EntryStore(database)));
    await database.destroy();

    await expect(consumer.onEvent(anImagePushed())).rejects.toBeInstanceOf(RetryLater);
  });
});
