import type { Clock } from './clock.js';
import type { JournalRecord } from './journal-record.js';

/** Where the engine writes down what it accepted. Order of calls is order of replay. */
export interface Journal {
  /** Resolves once the record survives the death of the process; rejects when it cannot be written. */
  append(record: JournalRecord, payloads?: readonly Buffer[]): Promise<void>;
  /** Writes a record whose loss only repeats a delivery; never waits. */
  note(record: JournalRecord, payloads?: readonly Buffer[]): void;
}

/** What every entity gets from its broker. */
export interface EngineContext {
  readonly clock: Clock;
  readonly journal: Journal;
}
