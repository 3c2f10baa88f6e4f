import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chosenSeeds, runInOneWorld } from './run-seeds.js';

/** Each start writes and syncs: too slow for every seed. */
const everySoManySeeds = 20;

describe('faults, a broker that is killed', () => {
  const folders: string[] = [];

  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'faults-'));
    folders.push(folder);
    return folder;
  }

  it('leaves every accepted event with one effect and one outcome', async () => {
    const { first, count } = chosenSeeds();
    const seeds = Array.from({ length: Math.ceil(count / everySoManySeeds) }, (_, index) => first + index);
    const dying = new Set<Promise<void>>();
    await runInOneWorld(seeds, { duplicateDetection: true, newFolder, dying });
    await Promise.all(dying);
  });
});
