import type { Journal } from '../engine/journal.js';
import type { JournalRecord } from '../engine/journal-record.js';

export interface JournalEntry {
  readonly record: JournalRecord;
  readonly payloads: readonly Buffer[];
}

/** Where a broker's journal is kept. Life: `replay` once, `begin` once, then the journal, then `close`. */
export interface Storage {
  readonly journal: Journal;
  /** Gives everything kept, oldest first. */
  replay(apply: (entry: JournalEntry) => void): void;
  /** Replaces everything kept by this smaller equivalent and opens the journal. */
  begin(snapshot: Iterable<JournalEntry>): Promise<void>;
  /** Writes what is still in hand. */
  close(): Promise<void>;
}
