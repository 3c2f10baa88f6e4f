import type { ContentStore } from './content-store.js';
import { FolderContentStore } from './folder-content-store.js';
import { FolderRecordStore } from './folder-record-store.js';
import { MemoryContentStore } from './memory-content-store.js';
import { MemoryRecordStore } from './memory-record-store.js';
import type { RecordStore } from './record-store.js';

/** Where a registry keeps its images: gone at the end of the process, or in a folder that outlives it. */
export type StorageChoice = 'memory' | { readonly folder: string };

export interface RegistryStorage {
  readonly content: ContentStore;
  readonly records: RecordStore;
  /** Removes content that no record refers to any more. Only safe before the registry serves. */
  sweep(isReferenced: (digest: string) => boolean): Promise<void>;
}

/** Opens the storage that was chosen, making the folder when it is not there yet. */
export async function openRegistryStorage(choice: StorageChoice): Promise<RegistryStorage> {
  if (choice === 'memory') {
    return {
      content: new MemoryContentStore(),
      records: new MemoryRecordStore(),
      sweep: () => Promise.resolve(),
    };
  }
  const content = await FolderContentStore.open(choice.folder);
  const records = await FolderRecordStore.open(choice.folder);
  return { content, records, sweep: (isReferenced) => content.sweep(isReferenced) };
}
