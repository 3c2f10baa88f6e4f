import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestOf } from '@pratique/contracts';

export interface ReportToKeep {
  /** The same scan, done again after a crash, has the same. */
  id: string;
  /** By which reports are found later: the day becomes the folder. */
  at: Date;
  bytes: Buffer;
}

/** Where the reports of scans are kept. */
export interface ReportStore {
  /**
   * Keeps a report, or leaves the one with this id that is there.
   *
   * @returns the digest of the one that is kept
   * @throws ReportError
   */
  keep(report: ReportToKeep): Promise<Digest>;
}

export class ReportError extends Error {
  override readonly name = 'ReportError';
}

/** Keeps each report as a file of its own, in a folder for each day (UTC). */
export function folderReportStore(folder: string): ReportStore {
  return {
    keep: async (report) => {
      try {
        return digestOf(await keepFile(folder, report));
      } catch (cause) {
        const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
        throw new ReportError(`The report cannot be kept in ${folder} (${code}).`, { cause });
      }
    },
  };
}

async function keepFile(folder: string, { id, at, bytes }: ReportToKeep): Promise<Buffer> {
  const day = join(folder, at.toISOString().slice(0, 10));
  const file = join(day, `${id}.json`);
  await mkdir(day, { recursive: true });
  const draft = join(day, `.${id}.${randomUUID()}.draft`);
  try {
    const handle = await open(draft, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Unlike a rename, this leaves a file alone that is there, and shows a new one only when it is whole.
    await link(draft, file);
    return bytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return await readFile(file);
  } finally {
    await rm(draft, { force: true });
  }
}
