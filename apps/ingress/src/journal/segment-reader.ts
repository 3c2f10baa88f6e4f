import { open } from 'node:fs/promises';
import { systemErrorCode } from '@pratique/append-log';
import { decodeLine, type JournalEntry } from './journal-line.js';

/** What a piece of a segment holds. */
export interface SegmentPiece {
  entries: JournalEntry[];
  /** Lines that are no entry: torn by a crash, or damaged. */
  damaged: number;
  /** Where to go on. */
  end: number;
}

// Some hundred deliveries; a delivery of five thousand events, the most there is, needs several of these.
const pieceBytes = 256 * 1024;
const lineBreak = 0x0a;

/**
 * Reads the whole lines of a segment that begin at an offset, as many as fit into one piece and one at least. What follows the
 * last line break is left: it may be a line that is just being written.
 *
 * @returns nothing new (`end` is `from`) at the end of the segment, also when its file is gone
 */
export async function readPiece(path: string, from: number): Promise<SegmentPiece> {
  const bytes = await readLines(path, from);
  const entries: JournalEntry[] = [];
  let damaged = 0;
  for (const line of bytes.toString('utf8').split('\n').slice(0, -1)) {
    const entry = decodeLine(line);
    if (entry === undefined) damaged += 1;
    else entries.push(entry);
  }
  return { entries, damaged, end: from + bytes.length };
}

async function readLines(path: string, from: number): Promise<Buffer> {
  let handle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    for (let size = pieceBytes; ; size *= 2) {
      const buffer = Buffer.allocUnsafe(size);
      const { bytesRead } = await handle.read(buffer, 0, size, from);
      const end = buffer.subarray(0, bytesRead).lastIndexOf(lineBreak) + 1;
      // Zeros are room that was made in advance.
      if (end > 0 || bytesRead < size || buffer[0] === 0) return buffer.subarray(0, end);
    }
  } finally {
    await handle.close();
  }
}
