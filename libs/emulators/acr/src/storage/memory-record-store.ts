import type { RecordStore } from './record-store.js';

/** Records that nobody will read again: the registry's own maps are the memory. */
export class MemoryRecordStore implements RecordStore {
  load(): Promise<ReadonlyMap<string, string>> {
    return Promise.resolve(new Map());
  }

  put(): Promise<void> {
    return Promise.resolve();
  }

  delete(): Promise<void> {
    return Promise.resolve();
  }
}
