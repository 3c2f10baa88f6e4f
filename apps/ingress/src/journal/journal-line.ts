import { crc32 } from 'node:zlib';
import { RegistryEvent } from '@pratique/contracts';
import { z } from 'zod';

/**
 * One line of a journal: a delivery, whose events are published in this order, or the note that everything up to some
 * delivery was published. Deliveries are numbered from one, without end.
 */
const JournalEntry = z.union([
  z.strictObject({ number: z.int().positive(), events: z.array(RegistryEvent).min(1) }),
  z.strictObject({ publishedThrough: z.int().nonnegative() }),
]);
export type JournalEntry = z.output<typeof JournalEntry>;

const checksumDigits = 8;

/** Lines can be read by people, and damage to one cannot hide the next: JSON holds no line break. */
export function encodeLine(entry: JournalEntry): Buffer {
  const json = JSON.stringify(entry);
  return Buffer.from(`${checksumOf(json)} ${json}\n`);
}

/** @returns undefined for a line that is torn or damaged */
export function decodeLine(line: string): JournalEntry | undefined {
  const json = line.slice(checksumDigits + 1);
  if (line !== `${checksumOf(json)} ${json}`) return undefined;
  const entry = JournalEntry.safeParse(JSON.parse(json));
  return entry.success ? entry.data : undefined;
}

function checksumOf(json: string): string {
  return crc32(json).toString(16).padStart(checksumDigits, '0');
}
