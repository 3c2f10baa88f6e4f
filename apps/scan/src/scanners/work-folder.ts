import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Names of files, and what is in them. */
export type WorkFiles = Readonly<Record<string, string>>;

/** The name under which a program is given a bill of materials. */
export const sbomFile = 'sbom.json';

/** Gives a program a folder of its own to work in, which is gone when it has ended. */
export async function inWorkFolder<T>(
  work: (folder: string) => Promise<T>,
  files: WorkFiles = {},
): Promise<T> {
  // Trivy cuts paths at `@` and `:`.
  const folder = await mkdtemp(join(tmpdir(), 'pratique-scanner-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
