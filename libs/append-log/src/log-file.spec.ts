import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openDiskFile } from './disk-file.js';
import { LogFile } from './log-file.js';

describe('append-log/log-file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-file-'));

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('keeps the order of what is awaited and what is not', async () => {
    const path = join(folder, 'ordered');
    const log = new LogFile(path, { file: await openDiskFile(path), size: 0 });
    const waits: Promise<void>[] = [];
    for (let index = 0; index < 200; index += 1) {
      const line = Buffer.from(`${index}\n`);
      if (index % 3 === 0) log.write(line);
      else waits.push(log.append(line));
      if (index % 50 === 0) await waits.at(-1);
    }
    await Promise.all(waits);
    await log.close();

    expect(readFileSync(path, 'utf8').trim().split('\n').map(Number)).toEqual(
      Array.from({ length: 200 }, (_, i) => i),
    );
  });

  it('refuses everything after a write has failed', async () => {
    // Every write to this device fails, as on a full disk.
    const log = new LogFile('full', { file: await openDiskFile('/dev/full'), size: 0 });

    const [first, second] = [log.append(Buffer.from('a')), log.append(Buffer.from('b'))];
    await expect(first).rejects.toMatchObject({ code: 'write-failed' });
    await expect(second).rejects.toMatchObject({ code: 'write-failed' });
    await expect(log.append(Buffer.from('c'))).rejects.toMatchObject({ code: 'write-failed' });
    await log.close();
  });
});
