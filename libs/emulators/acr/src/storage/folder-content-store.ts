import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import type { ByteRange, ContentStore, StagedContent } from './content-store.js';
import { moveIntoPlace } from './durable-file.js';

/** Content as one file per digest under `content/`; what is still arriving lies in `uploads/`. */
export class FolderContentStore implements ContentStore {
  readonly #content: string;
  readonly #uploads: string;

  private constructor(folder: string) {
    this.#content = join(folder, 'content');
    this.#uploads = join(folder, 'uploads');
  }

  /** Opens the store. Uploads that a former process left unfinished are thrown away: their sessions are gone. */
  static async open(folder: string): Promise<FolderContentStore> {
    const store = new FolderContentStore(folder);
    await rm(store.#uploads, { recursive: true, force: true });
    await mkdir(store.#uploads, { recursive: true });
    await mkdir(store.#content, { recursive: true });
    return store;
  }

  async size(digest: string): Promise<number | undefined> {
    try {
      return (await stat(this.#path(digest))).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  open(digest: string, range?: ByteRange): Readable {
    return createReadStream(this.#path(digest), { ...range, highWaterMark: 256 * 1024 });
  }

  read(digest: string): Promise<Buffer> {
    return readFile(this.#path(digest));
  }

  async stage(): Promise<StagedContent> {
    const path = join(this.#uploads, randomUUID());
    const handle = await open(path, 'wx');
    return {
      append: async (chunk) => {
        await handle.writeFile(chunk);
      },
      commit: async (digest) => {
        await handle.sync();
        await handle.close();
        await moveIntoPlace(path, this.#path(digest));
      },
      discard: async () => {
        await handle.close();
        await rm(path, { force: true });
      },
    };
  }

  /** Removes the files of digests that nothing refers to. */
  async sweep(isReferenced: (digest: string) => boolean): Promise<void> {
    for (const shard of await readdir(this.#content)) {
      for (const hex of await readdir(join(this.#content, shard))) {
        if (!isReferenced(`sha256:${hex}`)) await unlink(join(this.#content, shard, hex));
      }
    }
  }

  /** Two levels, so that no folder grows past what a file browser can show. */
  #path(digest: string): string {
    const hex = digest.slice('sha256:'.length);
    return join(this.#content, hex.slice(0, 2), hex);
  }
}
