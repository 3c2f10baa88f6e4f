import { Readable } from 'node:stream';

import type { ByteRange, ContentStore, StagedContent } from './content-store.js';

/** Content in memory, for tests and throw-away registries. */
export class MemoryContentStore implements ContentStore {
  readonly #content = new Map<string, Buffer>();

  size(digest: string): Promise<number | undefined> {
    return Promise.resolve(this.#content.get(digest)?.length);
  }

  open(digest: string, range?: ByteRange): Readable {
    const bytes = this.#existing(digest);
    return Readable.from([range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)]);
  }

  read(digest: string): Promise<Buffer> {
    return Promise.resolve(this.#existing(digest));
  }

  stage(): Promise<StagedContent> {
    const chunks: Buffer[] = [];
    return Promise.resolve({
      append: (chunk) => {
        chunks.push(chunk);
        return Promise.resolve();
      },
      commit: (digest) => {
        this.#content.set(digest, Buffer.concat(chunks));
        return Promise.resolve();
      },
      discard: () => {
        chunks.length = 0;
        return Promise.resolve();
      },
    });
  }

  #existing(digest: string): Buffer {
    const bytes = this.#content.get(digest);
    if (bytes === undefined) throw new Error(`The content ${digest} is not in the registry's memory.`);
    return bytes;
  }
}
