import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives a program a folder of its own to work in, which is gone when it has ended. */
export async function inWorkFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  // Trivy cuts paths at `@` and `:`.
  const folder = await mkdtemp(join(tmpdir(), 'pratique-scanner-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
