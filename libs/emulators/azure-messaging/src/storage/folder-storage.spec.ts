import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';

import { openFolderStorage } from './folder-storage.js';
import type { JournalEntry, Storage } from './storage.js';

describe('storage/folder-storage', () => {
  const folders: string[] = [];
  const open: Storage[] = [];

  afterEach(async () => {
    for (const storage of open.splice(0)) await storage.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'storage-'));
    folders.push(folder);
    return folder;
  }

  function entry(sequence: number, payloads: readonly Buffer[] = []): JournalEntry {
    return { record: { type: 'removed', queue: 'q', sequences: [sequence] }, payloads };
  }

  async function openAt(folder: string): Promise<{ storage: Storage; kept: JournalEntry[] }> {
    const storage = await openFolderStorage({ folder });
    open.push(storage);
    const kept: JournalEntry[] = [];
    storage.replay((found) => kept.push(found));
    await storage.begin(() => kept);
    return { storage, kept };
  }

  async function closeAll(): Promise<void> {
    for (const storage of open.splice(0)) await storage.close();
  }

  /** A folder with three records, each with a payload, closed; the log's path, and its size after each record. */
  async function withThreeRecords() {
    const folder = newFolder();
    const path = join(folder, 'messages.log');
    const { storage } = await openAt(folder);
    const ends: number[] = [];
    for (const sequence of [1, 2, 3]) {
      await storage.journal.append(entry(sequence).record, [Buffer.from(`payload ${sequence}`)]);
      ends.push(readFileSync(path).length);
    }
    await closeAll();
    return { folder, path, ends };
  }

  function sequences(kept: readonly JournalEntry[]): number[] {
    return kept.flatMap(({ record }) => (record.type === 'removed' ? record.sequences : []));
  }

  it('gives back what was written, in order, with its payloads', async () => {
    const folder = newFolder();
    const { storage, kept } = await openAt(folder);
    expect(kept).toEqual([]);
    const payloads = [Buffer.alloc(0), Buffer.from([0, 255, 10]), Buffer.alloc(100_000, 7)];
    await Promise.all([
      storage.journal.append(entry(1).record, payloads),
      storage.journal.append(entry(2).record),
      storage.journal.append(entry(3).record, [Buffer.from('x')]),
    ]);
    storage.journal.note(entry(4).record);
    await closeAll();

    expect((await openAt(folder)).kept).toEqual([
      entry(1, payloads),
      entry(2),
      entry(3, [Buffer.from('x')]),
      entry(4),
    ]);
  });

  it('drops a torn last record, wherever it was torn, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (random) => {
        const { folder, path, ends } = await withThreeRecords();
        const [, second = 0, third = 0] = ends;
        truncateSync(path, second + (random % (third - second)));

        expect(sequences((await openAt(folder)).kept)).toEqual([1, 2]);
        await closeAll();
        expect(sequences((await openAt(folder)).kept)).toEqual([1, 2]);
        await closeAll();
      }),
      { numRuns: 15 },
    );
  });

  it('drops rubbish after the last record', async () => {
    const { folder, path } = await withThreeRecords();
    appendFileSync(path, Buffer.alloc(5000, 0xf5));

    expect(sequences((await openAt(folder)).kept)).toEqual([1, 2, 3]);
  });

  it('refuses a log that is damaged in the middle rather than lose what follows, and leaves it as it is', async () => {
    const { folder, path, ends } = await withThreeRecords();
    const damaged = readFileSync(path);
    const middle = (ends[0] ?? 0) + 20;
    damaged[middle] = (damaged[middle] ?? 0) ^ 1;
    writeFileSync(path, damaged);

    await expect(openAt(folder)).rejects.toMatchObject({ code: 'damaged' });

    expect(readFileSync(path)).toEqual(damaged);
  });

  it('drops an end that was never synced, though a power cut kept a later piece of it', async () => {
    const { folder, path } = await withThreeRecords();
    const { storage } = await openAt(folder);
    await storage.journal.append(entry(4).record);
    const safe = readFileSync(path).length;
    await Promise.all([5, 6, 7].map((sequence) => storage.journal.append(entry(sequence).record)));
    await closeAll();
    const log = readFileSync(path);
    const torn = log.indexOf('"sequences":[5]', safe);
    expect(log.indexOf('"sequences":[7]', torn)).toBeGreaterThan(torn);
    writeFileSync(path, log.fill(0, torn - 60, torn));

    expect(sequences((await openAt(folder)).kept)).toEqual([1, 2, 3, 4]);
  });

  it('finds everything in a busy log that has room at its end, and leaves none when it is closed', async () => {
    const folder = newFolder();
    const path = join(folder, 'messages.log');
    const { storage } = await openAt(folder);
    const all = Array.from({ length: 40 }, (_, index) => index + 1);
    for (const sequence of all)
      await storage.journal.append(entry(sequence).record, [Buffer.alloc(60_000, 1)]);
    const killed = newFolder();
    cpSync(path, join(killed, 'messages.log'));
    await closeAll();

    expect(statSync(path).size).toBeLessThan(statSync(join(killed, 'messages.log')).size);
    for (const found of [killed, folder]) {
      expect(sequences((await openAt(found)).kept)).toEqual(all);
      await closeAll();
    }
  });

  it('does not take the bytes of a record inside a torn message for a record', async () => {
    const { folder, path, ends } = await withThreeRecords();
    const record = readFileSync(path).subarray(ends[0] ?? 0, ends[1]);
    const { storage } = await openAt(folder);
    await storage.journal.append(entry(4).record, [Buffer.concat([record, Buffer.alloc(50)])]);
    await closeAll();
    truncateSync(path, readFileSync(path).length - 10);

    expect(sequences((await openAt(folder)).kept)).toEqual([1, 2, 3]);
  });

  it('replaces the log by the snapshot when it begins', async () => {
    const { folder } = await withThreeRecords();
    const storage = await openFolderStorage({ folder });
    open.push(storage);
    storage.replay(() => undefined);
    await storage.begin(() => [entry(9)]);
    await closeAll();

    expect(sequences((await openAt(folder)).kept)).toEqual([9]);
    expect(readdirSync(folder).sort()).toEqual(['lock', 'messages.log']);
  });

  it('keeps the old log when a start is killed before its snapshot was complete', async () => {
    const { folder } = await withThreeRecords();
    writeFileSync(join(folder, 'messages.log.new'), 'half a snap');

    expect(sequences((await openAt(folder)).kept)).toEqual([1, 2, 3]);
  });

  it('refuses a file that is no log', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'messages.log'), 'my diary, do not overwrite');

    await expect(openAt(folder)).rejects.toMatchObject({ code: 'unreadable' });
    expect(readFileSync(join(folder, 'messages.log'), 'utf8')).toBe('my diary, do not overwrite');
  });

  it('gives a folder to one emulator at a time, and to the next when the first is closed or dead', async () => {
    const folder = newFolder();
    await openAt(folder);
    await expect(openFolderStorage({ folder })).rejects.toMatchObject({ code: 'in-use' });
    await closeAll();

    await openAt(folder);
    await closeAll();
    writeFileSync(join(folder, 'lock'), '999999999 1');
    await openAt(folder);
    await closeAll();
    writeFileSync(join(folder, 'lock'), `${process.ppid} started-at-another-time`);
    await openAt(folder);
  });

  it('refuses a folder whose lock belongs to a living process', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'lock'), `${process.ppid} `);

    await expect(openFolderStorage({ folder })).rejects.toMatchObject({ code: 'in-use' });
  });

  it('says that a folder cannot be made', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), '');

    await expect(openFolderStorage({ folder: join(folder, 'file', 'below') })).rejects.toMatchObject({
      code: 'unreadable',
    });
  });
});
