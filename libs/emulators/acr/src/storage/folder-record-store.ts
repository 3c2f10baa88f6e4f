import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

import { removeDurably, writeDurably } from './durable-file.js';
import type { RecordStore } from './record-store.js';

const extension = '.json';

/** Records as small files under `records/`, at the path of their key. */
export class FolderRecordStore implements RecordStore {
  readonly #records: string;
  readonly #staging: string;

  private constructor(folder: string) {
    this.#records = join(folder, 'records');
    this.#staging = join(folder, 'uploads');
  }

  static async open(folder: string): Promise<FolderRecordStore> {
    const store = new FolderRecordStore(folder);
    await mkdir(store.#records, { recursive: true });
    await mkdir(store.#staging, { recursive: true });
    return store;
  }

  async load(): Promise<ReadonlyMap<string, string>> {
    const records = new Map<string, string>();
    const entries = await readdir(this.#records, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile() || !entry.name.endsWith(extension)) continue;
      const path = join(entry.parentPath, entry.name);
      const key = relative(this.#records, path).slice(0, -extension.length).split(sep).join('/');
      records.set(key, await readFile(path, 'utf8'));
    }
    return records;
  }

  put(key: string, value: string): Promise<void> {
    return writeDurably(this.#staging, this.#path(key), value);
  }

  delete(key: string): Promise<void> {
    return removeDurably(this.#path(key));
  }

  #path(key: string): string {
    return join(this.#records, ...key.split('/')) + extension;
  }
}
