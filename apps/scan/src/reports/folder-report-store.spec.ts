import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '@pratique/contracts';
import { folderReportStore } from './folder-report-store.js';

describe('scan/reports/folder-report-store', () => {
  const at = new Date('2026-11-25T23:59:59Z');
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pratique-reports-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('keeps a report under its day, and tells its digest', async () => {
    const bytes = Buffer.from('{"a":1}');

    expect(await folderReportStore(folder).keep({ id: 'one', at, bytes })).toBe(digestOf(bytes));

    expect(await readdir(join(folder, '2026-11-25'))).toEqual(['one.json']);
  });

  it('keeps the first of two reports of one scan', async () => {
    const store = folderReportStore(folder);
    const first = await store.keep({ id: 'one', at, bytes: Buffer.from('first') });

    expect(await store.keep({ id: 'one', at, bytes: Buffer.from('second') })).toBe(first);
    const many = ['a', 'b', 'c'].map((text) => store.keep({ id: 'two', at, bytes: Buffer.from(text) }));
    expect(new Set(await Promise.all(many)).size).toBe(1);

    expect(await readdir(join(folder, '2026-11-25'))).toEqual(['one.json', 'two.json']);
  });

  it('says that it cannot', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');

    await expect(
      folderReportStore(file).keep({ id: 'one', at, bytes: Buffer.from('') }),
    ).rejects.toMatchObject({ name: 'ReportError', message: expect.stringContaining('ENOTDIR') });
  });
});
