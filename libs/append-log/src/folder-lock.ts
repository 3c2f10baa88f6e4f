import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { StorageError } from './storage-error.js';
import { systemErrorCode } from './system-error-code.js';

const LOCK = 'lock';
/** Field 22 of /proc/<pid>/stat, counted after the program's name: when the process began (proc_pid_stat(5)). */
const START_TIME_INDEX = 19;

/** Folders that this process holds; a lock file with our own id may also be left over from a container's last life. */
const heldHere = new Set<string>();

/**
 * Takes a folder for this process; the returned function gives it back. The lock of a process that has died does not count.
 * Rejects with StorageError `in-use`.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(resolve(folder), LOCK);
  if (heldHere.has(path)) throw inUse(folder, process.pid);
  heldHere.add(path);
  try {
    if (!(await writeLock(path))) {
      await refuseLivingHolder(folder, path);
      await rm(path, { force: true });
      if (!(await writeLock(path))) throw inUse(folder, undefined);
    }
  } catch (error) {
    heldHere.delete(path);
    throw error;
  }
  return async () => {
    await rm(path, { force: true });
    heldHere.delete(path);
  };
}

async function writeLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid} ${startTime(process.pid) ?? ''}`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw new StorageError('unreadable', `'${path}' cannot be written.`, { cause: error });
  }
}

async function refuseLivingHolder(folder: string, path: string): Promise<void> {
  const [id = '', started = ''] = (await readFile(path, 'utf8')).split(' ');
  const pid = Number(id);
  const sameProcess = started === '' || started === startTime(pid);
  if (pid !== process.pid && sameProcess && isAlive(pid)) throw inUse(folder, pid);
}

function isAlive(pid: number): boolean {
  // Zero and below would ask about groups of processes.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

/** Tells a process from a later one with the same id; undefined where there is no /proc. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_INDEX];
  } catch {
    return undefined;
  }
}

function inUse(folder: string, pid: number | undefined): StorageError {
  const holder = pid === undefined ? 'another process' : `process ${pid}`;
  return new StorageError(
    'in-use',
    `The folder '${folder}' is used by ${holder}. Stop it, or choose another folder.`,
  );
}
