import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Where imports under way are noted, so that a process that was stopped in the middle is followed by one that waits for the same
 * import and does not start another. What is noted is the address of Azure's operation, and no secret.
 */
export interface ImportStates {
  load(key: string): Promise<string | undefined>;
  save(key: string, state: string): Promise<void>;
  forget(key: string): Promise<void>;
}

/** For a process whose end ends its imports' being known. */
export function importStatesInMemory(): ImportStates {
  const states = new Map<string, string>();
  return {
    load: (key) => Promise.resolve(states.get(key)),
    save: (key, state) => Promise.resolve(void states.set(key, state)),
    forget: (key) => Promise.resolve(void states.delete(key)),
  };
}

/** One file for each import under way, in a folder that outlives the process and that nobody else writes to. */
export function importStatesInFolder(folder: string): ImportStates {
  const fileOf = (key: string): string =>
    join(folder, `${createHash('sha256').update(key).digest('hex')}.json`);
  return {
    async load(key) {
      try {
        return await readFile(fileOf(key), 'utf8');
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    async save(key, state) {
      await mkdir(folder, { recursive: true });
      const file = fileOf(key);
      const draft = `${file}.${process.pid}`;
      const handle = await open(draft, 'w', 0o600);
      try {
        await handle.writeFile(state);
        await handle.sync();
      } finally {
        await handle.close();
      }
      // A reader finds the whole of it or nothing.
      await rename(draft, file);
    },
    async forget(key) {
      await rm(fileOf(key), { force: true });
    },
  };
}

function isAbsent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
