import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenDiskFile, openDiskFile } from '@pratique/append-log';
import * as fc from 'fast-check';
import { sampleEvent } from '../../test/sample-event.js';
import { Journal, type JournalOptions } from './journal.js';

const megabyte = 1024 * 1024;

/** A disk with room for so many more bytes; what does not fit is written in part, as a real one does. */
function smallDisk(room: { bytes: number }): OpenDiskFile {
  return async (path) => {
    const file = await openDiskFile(path);
    return {
      write: (bytes) => {
        const part = bytes.subarray(0, room.bytes);
        file.write(part);
        room.bytes -= part.length;
        if (part.length < bytes.length) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      },
      sync: () => file.sync(),
      close: () => file.close(),
    };
  };
}

describe('ingress/journal/journal', () => {
  let directory: string;
  const opened = new Set<Journal>();

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'journal-'));
  });

  afterEach(async () => {
    for (const journal of opened) await journal.close();
    opened.clear();
    await rm(directory, { recursive: true, force: true });
  });

  const open = async (options: Partial<JournalOptions> = {}): Promise<Journal> => {
    const journal = await Journal.open({ directory, maxBytes: megabyte, maxDeliveries: 1_000, ...options });
    opened.add(journal);
    return journal;
  };
  const reopen = async (journal: Journal, options: Partial<JournalOptions> = {}): Promise<Journal> => {
    opened.delete(journal);
    await journal.close();
    return open(options);
  };
  const append = (journal: Journal, ...numbers: number[]): Promise<unknown> =>
    Promise.all(numbers.map((number) => journal.append([sampleEvent(number)])));
  /** Takes everything out, as one who publishes does. */
  const drain = async (journal: Journal, count = 3): Promise<(string | undefined)[]> => {
    const tags: (string | undefined)[] = [];
    for (let next = await journal.next(count); next !== undefined; next = await journal.next(count)) {
      tags.push(...next.events.map(({ data }) => data.tag));
      await journal.published(next.through);
    }
    return tags;
  };
  const tagsOf = (...numbers: number[]): string[] => numbers.map((number) => `1.0.${number}`);
  const files = (): string[] => readdirSync(directory).filter((name) => name.endsWith('.log'));
  const newest = (): string => join(directory, files().toSorted().at(-1) ?? '');

  it('gives back what was appended, in order, and then nothing', async () => {
    const journal = await open();

    await append(journal, 1, 2, 3, 4, 5, 6, 7);

    expect([journal.isEmpty, journal.deliveries]).toEqual([false, 7]);
    expect(await drain(journal)).toEqual(tagsOf(1, 2, 3, 4, 5, 6, 7));
    expect([journal.isEmpty, await journal.next(1)]).toEqual([true, undefined]);
  });

  it('gives the same again until it is published', async () => {
    const journal = await open();
    await append(journal, 1, 2);

    expect(await journal.next(2)).toEqual(await journal.next(2));
  });

  it('gives the events of one delivery together, also when they are more than were asked for', async () => {
    const journal = await open();
    await journal.append([1, 2, 3].map(sampleEvent));
    await journal.append([4, 5].map(sampleEvent));

    expect((await journal.next(2))?.events).toEqual([1, 2, 3].map(sampleEvent));
  });

  it('keeps what was not published for the next process, and only that', async () => {
    const first = await open();
    await append(first, 1, 2, 3);
    const next = await first.next(2);
    await first.published(next?.through ?? 0);

    const second = await reopen(first);

    expect(second.deliveries).toBe(1);
    await append(second, 4);
    expect(await drain(second)).toEqual(tagsOf(3, 4));
  });

  it('leaves nothing on disk when it is closed empty', async () => {
    const journal = await open();
    await append(journal, 1);
    await drain(journal);
    opened.delete(journal);
    await journal.close();

    expect(readdirSync(directory)).toEqual([]);
  });

  it('gives no number twice when a note is all that is left of earlier deliveries', async () => {
    writeFileSync(join(directory, 'journal-000000001.log'), '');
    const first = await open();
    await append(first, 1, 2);
    await drain(first);
    const notes = readFileSync(newest(), 'utf8')
      .split('\n')
      .filter((line) => line.includes('publishedThrough'));
    const second = await reopen(first);
    await append(second, 3);
    const third = await reopen(second);
    // As if the first process had died before it could tidy up, its deliveries already gone.
    opened.delete(third);
    await third.close();
    writeFileSync(join(directory, 'journal-000000009.log'), `${notes.join('\n')}\n`);
    const last = await open();

    await append(last, 4);

    expect(await drain(last)).toContain('1.0.4');
  });

  it('drops a torn last line, wherever it is torn, and nothing before it', async () => {
    const first = await open();
    await append(first, 1, 2);
    const whole = readFileSync(newest());
    await append(first, 3);
    const all = readFileSync(newest());
    opened.delete(first);
    await first.close();
    const [file] = files();

    await fc.assert(
      fc.asyncProperty(fc.integer({ min: whole.length, max: all.length - 1 }), async (length) => {
        for (const name of files()) await rm(join(directory, name));
        writeFileSync(join(directory, file ?? ''), all.subarray(0, length));
        const journal = await open();
        expect([await drain(journal), journal.damaged]).toEqual([tagsOf(1, 2), 0]);
        await append(journal, 4);
        expect(await drain(journal)).toEqual(tagsOf(4));
        opened.delete(journal);
        await journal.close();
      }),
      { numRuns: 30 },
    );
  });

  it('gives everything but a line that is damaged, and counts it', async () => {
    const first = await open();
    await append(first, 1, 2, 3);
    opened.delete(first);
    await first.close();
    const text = readFileSync(newest(), 'utf8');
    writeFileSync(newest(), text.replace('1.0.2', '1.0.9'));

    const second = await open();

    expect([await drain(second), second.damaged]).toEqual([tagsOf(1, 3), 1]);
  });

  it('takes no more deliveries than it may hold, and takes them again when some are published', async () => {
    const journal = await open({ maxDeliveries: 2 });
    await append(journal, 1, 2);

    await expect(append(journal, 3)).rejects.toThrow(/holds as much as it may .* bring the broker back/);
    await drain(journal);
    await append(journal, 4);

    expect(await drain(journal)).toEqual(tagsOf(4));
  });

  it('takes no more bytes than it may, and gives back the space of what is published', async () => {
    const journal = await open({ maxDeliveries: 100_000 });
    let taken = 0;
    for (; taken < 10_000 && journal.bytes < megabyte; taken += 50)
      await append(journal, ...Array.from({ length: 50 }, (_, index) => taken + index));
    const [full, filesThen] = [journal.bytes, files().length];

    await expect(append(journal, taken)).rejects.toThrow(/holds as much as it may/);
    expect(full).toBeLessThan(1.1 * megabyte);
    expect(filesThen).toBeGreaterThan(4);
    expect(await drain(journal, 64)).toHaveLength(taken);
    expect(journal.bytes).toBeLessThan(megabyte / 2);
  });

  it('refuses what a full disk does not take, and goes on in another file when there is room again', async () => {
    const room = { bytes: 1_000 };
    const journal = await open({ openFile: smallDisk(room) });
    jest.spyOn(performance, 'now').mockReturnValue(0);

    await append(journal, 1);
    await expect(append(journal, 2)).rejects.toThrow(/Free the disk/);
    room.bytes = megabyte;
    await expect(append(journal, 3)).rejects.toThrow(/Free the disk/);
    jest.spyOn(performance, 'now').mockReturnValue(1_000);
    await append(journal, 4);
    jest.restoreAllMocks();

    expect(await drain(await reopen(journal))).toEqual(tagsOf(1, 4));
  });

  it('is used by one process at a time', async () => {
    await open();

    await expect(open()).rejects.toThrow(/is used by process \d+/);
  });

  it('says what to do where no folder can be made', async () => {
    writeFileSync(join(directory, 'file'), '');

    await expect(open({ directory: join(directory, 'file', 'journal') })).rejects.toThrow(
      /set another journal.directory/,
    );
  });

  it('keeps order and loses nothing, whatever is appended, published and restarted in between', async () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 5 }) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), count: fc.constant(0) }) },
    );

    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        let journal = await open();
        let appended = 0;
        const published: (string | undefined)[] = [];
        for (const { do: what, count } of steps) {
          if (what === 'restart') journal = await reopen(journal);
          if (what === 'append') {
            const numbers = Array.from({ length: count }, (_, index) => appended + index);
            appended += count;
            await append(journal, ...numbers);
          }
          const next = what === 'publish' ? await journal.next(count) : undefined;
          if (next === undefined) continue;
          published.push(...next.events.map(({ data }) => data.tag));
          await journal.published(next.through);
        }
        published.push(...(await drain(journal)));
        opened.delete(journal);
        await journal.close();
        expect(published).toEqual(tagsOf(...Array.from({ length: appended }, (_, index) => index)));
      }),
      { numRuns: 40 },
    );
  });
});
