import {
  decidedRegistryEvent,
  Digest,
  heardRegistryEvent,
  type ImageEventData,
  outcomeOfEvent,
  type Outcome,
  type RegistryEvent,
  RegistryName,
  RepositoryName,
  Tag,
} from '@pratique/contracts';
import type { AuditDatabase } from './database/open-database.js';
import { entryOfEvent, entryOfOutcome } from './entry.js';
import { EntryStore } from './entry-store.js';

/**
 * What the store of entries must do on every database it runs on.
 *
 * @param open gives a database with its tables made and nothing in them; the suite closes it
 */
export function describeEntryStore(name: string, open: () => Promise<AuditDatabase>): void {
  describe(`${name} as a store of entries`, () => {
    let database: AuditDatabase;
    let store: EntryStore;

    beforeAll(async () => {
      database = await open();
      store = new EntryStore(database);
    });

    beforeEach(async () => {
      await database.deleteFrom('entries').execute();
    });

    afterAll(async () => {
      await database.destroy();
    });

    it('gives back what was put in, body and all', async () => {
      const event = pushed('delivery-1');
      const entry = entryOfEvent(event, now);

      expect(await store.append([entry])).toBe(1);

      const { entries, next } = await store.list({ limit: 10, order: 'asc' });
      expect(entries).toEqual([{ ...entry, sequence: expect.any(Number) as number }]);
      expect(entries[0]?.body).toEqual(event);
      expect(next).toBeNull();
    });

    it('keeps the first telling when an id comes again, also within one batch', async () => {
      const first = entryOfEvent(pushed('delivery-1'), now);
      const again = { ...first, message: 'told differently', recordedAt: new Date(now.getTime() + 1000) };

      expect(await store.append([first, again])).toBe(1);
      expect(await store.append([again])).toBe(0);

      const { entries } = await store.list({ limit: 10, order: 'asc' });
      expect(entries).toMatchObject([{ id: first.id, message: null, recordedAt: now }]);
    });

    it('counts upwards in the order of the batch', async () => {
      const events = ['one', 'two', 'three'].map((delivery) => pushed(delivery));
      await store.append(events.map((event) => entryOfEvent(event, now)));

      const { entries } = await store.list({ limit: 10, order: 'asc' });

      expect(entries.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
      const sequences = entries.map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    });

    it.each(['asc', 'desc'] as const)(
      'hands out every entry exactly once, page by page, %s',
      async (order) => {
        const events = Array.from({ length: 7 }, (_, index) => pushed(`delivery-${index}`));
        await store.append(events.map((event) => entryOfEvent(event, now)));

        const seen: string[] = [];
        let after: number | undefined;
        do {
          const page = await store.list({ limit: 3, order, after });
          seen.push(...page.entries.map(({ id }) => id));
          after = page.next ?? undefined;
        } while (after !== undefined);

        const ids = events.map(({ id }) => id);
        expect(seen).toEqual(order === 'asc' ? ids : ids.toReversed());
      },
    );

    it('finds entries by type, registry, repository, digest and chain', async () => {
      const cause = pushed('delivery-1');
      const cleared = decidedRegistryEvent('cleared', cause, {
        ...cause.data,
        digest,
        decidedBy: 'bicep-only',
      });
      const copied = copiedTo('customer', cause);
      await store.append([entryOfEvent(cause, now), entryOfEvent(cleared, now), entryOfOutcome(copied, now)]);
      await store.append([
        entryOfEvent(pushed('delivery-2', { repository: RepositoryName.parse('other/repository') }), now),
      ]);

      const types = async (filter: object): Promise<string[]> =>
        (await store.list({ limit: 10, order: 'asc', ...filter })).entries.map(({ type }) => type);

      expect(await types({ type: cleared.type })).toEqual([cleared.type]);
      expect(await types({ registry: 'customer' })).toEqual([copied.type]);
      expect(await types({ repository: 'other/repository' })).toEqual([cause.type]);
      expect(await types({ digest })).toEqual([cause.type, cleared.type, copied.type, cause.type]);
      expect(await types({ correlation: cause.id })).toEqual([cause.type, cleared.type, copied.type]);
      expect(await types({ registry: 'vendor', type: copied.type })).toEqual([]);
    });

    it('takes a filter as a value and never as SQL', async () => {
      await store.append([entryOfEvent(pushed('delivery-1'), now)]);

      const { entries } = await store.list({ limit: 10, order: 'asc', registry: "' or '1' = '1" });

      expect(entries).toEqual([]);
    });

    it('stores what PostgreSQL cannot hold: NUL, half a surrogate pair, and years beyond its syntax', async () => {
      const odd = {
        ...pushed('delivery-1', { actor: 'nul \0 half \ud800' }),
        time: '9999-12-31T23:59:59-23:00',
      };
      const ancient = { ...pushed('delivery-2'), time: '0000-01-01T00:00:00Z' };

      await store.append([entryOfEvent(odd, now), entryOfEvent(ancient, now)]);

      const { entries } = await store.list({ limit: 10, order: 'asc' });
      expect(entries[0]?.body).toMatchObject({ data: { actor: 'nul \uFFFD half \uFFFD' } });
      expect(entries.map(({ time }) => time.getUTCFullYear())).toEqual([9999, 1970]);
    });

    it('takes more at once than one statement has room for', async () => {
      const entry = entryOfEvent(pushed('delivery-1'), now);
      const many = Array.from({ length: 4000 }, (_, index) => ({ ...entry, id: `entry-${index}` }));

      expect(await store.append(many)).toBe(4000);
    });

    it('lets writers who come at once each add their part, once', async () => {
      const batches = Array.from({ length: 8 }, (_, writer) =>
        [`shared`, `own-${writer}`].map((delivery) => entryOfEvent(pushed(delivery), now)),
      );

      const added = await Promise.all(batches.map((batch) => store.append(batch)));

      expect(added.reduce((sum, count) => sum + count, 0)).toBe(9);
    });
  });
}

const now = new Date('2026-01-01T12:00:00.250Z');
const digest = Digest.parse(`sha256:${'a'.repeat(64)}`);

function pushed(delivery: string, overrides: Partial<ImageEventData> = {}): RegistryEvent {
  return heardRegistryEvent({
    name: 'pushed',
    identity: [delivery],
    data: {
      registry: RegistryName.parse('vendor'),
      repository: RepositoryName.parse('tripinsights/poi'),
      tag: Tag.parse('1.0'),
      digest,
      occurredAt: '2026-01-01T11:59:58Z',
      receivedAt: '2026-01-01T11:59:59Z',
      ...overrides,
    },
  });
}

function copiedTo(registry: string, cause: RegistryEvent): Outcome {
  const { registry: from, repository } = cause.data;
  return outcomeOfEvent('sync.copied', cause, {
    service: 'sync',
    at: now,
    data: {
      severity: 'info',
      reason: 'copied',
      message: 'It was copied.',
      image: { registry: from, repository, digest },
      target: { registry: RegistryName.parse(registry), repository, digest },
    },
  });
}
