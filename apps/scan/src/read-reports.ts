import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ScanReport } from './scan-report.js';

/** Larger than any report; a file beyond it is something else. */
const maxReportBytes = 128 * 1024 ** 2;
/** `<folder>/<yyyy-mm-dd>/<id>.json`, and nobody's whole disk. */
const maxDepth = 3;

export interface ReadReport {
  file: string;
  report?: ScanReport;
  /** Why there is none: what the file is not. */
  problem?: string;
}

/** The files of a folder that may be reports of scans, in the order of their names. */
export async function reportFiles(folder: string, depth = 0): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).toSorted((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  const files: string[] = [];
  for (const entry of entries) {
    // What starts with a dot is still being written.
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth < maxDepth) files.push(...(await reportFiles(path, depth + 1)));
    else if (entry.isFile() && entry.name.endsWith('.json')) files.push(path);
  }
  return files;
}

/** Reads one; what is wrong with the file is part of the result. */
export async function readReport(file: string): Promise<ReadReport> {
  const bytes = await readUpTo(file, maxReportBytes);
  if (bytes === undefined) return { file, problem: `holds more than ${maxReportBytes} bytes` };
  try {
    const result = ScanReport.safeParse(JSON.parse(bytes.toString('utf8')));
    return result.success ? { file, report: result.data } : { file, problem: 'is no report of a scan' };
  } catch {
    return { file, problem: 'is not JSON' };
  }
}

async function readUpTo(file: string, most: number): Promise<Buffer | undefined> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    return size > most ? undefined : await handle.readFile();
  } finally {
    await handle.close();
  }
}
