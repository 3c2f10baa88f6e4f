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
  /**
   * Replaces everything kept by what `snapshot` gives, the shortest journal that leads to the present state, and opens the
   * journal. Calls it again later, whenever the journal has grown long.
   */
  begin(snapshot: () => Iterable<JournalEntry>): Promise<void>;
  /** Writes what is still in hand. */
  close(): Promise<void>;
}
