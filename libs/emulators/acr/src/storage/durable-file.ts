import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Makes a rename, a new file or a removal in `folder` survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder for this, and journals renames by itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Moves a synced file into place, so that readers see the whole of it or nothing. */
export async function moveIntoPlace(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Writes a small file whole: temporary name in `staging`, fsync, rename. */
export async function writeDurably(staging: string, path: string, text: string): Promise<void> {
  const temporary = join(staging, randomUUID());
  const handle = await open(temporary, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await moveIntoPlace(temporary, path);
}

/** Removes a file if it is there. */
export async function removeDurably(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await syncFolder(dirname(path));
}
