import { createHash, type Hash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';

import { RegistryError } from '../registry/registry-error.js';
import type { ContentStore, StagedContent } from '../storage/content-store.js';

/** Azure's sessions end within a day; an emulator's clients come back within the hour or not at all. */
const sessionMilliseconds = 60 * 60 * 1000;
const maxSessions = 1000;

/** A blob on its way in. Bytes are hashed as they are written, so a whole blob is never in memory. */
export class Upload {
  /** Part of the Location that clients have to carry along, as with Azure. */
  readonly state = randomUUID();
  readonly id = randomUUID();
  readonly #staged: StagedContent;
  readonly #hash: Hash = createHash('sha256');
  #size = 0;
  #busy = false;

  constructor(
    readonly repository: string,
    readonly startedAt: number,
    staged: StagedContent,
  ) {
    this.#staged = staged;
  }

  /** Bytes received so far. */
  get size(): number {
    return this.#size;
  }

  /** Adds a body to the end. When it breaks off, what has arrived counts, and the client may resume behind it. */
  async append(body: Readable, maxBytes: number): Promise<void> {
    await this.#alone(async () => {
      for await (const chunk of body.iterator({ destroyOnReturn: false })) {
        const bytes = chunk as Buffer;
        if (this.#size + bytes.length > maxBytes) {
          const headers = { connection: 'close' };
          throw new RegistryError('SIZE_INVALID', `A blob may have ${maxBytes} bytes.`, { headers });
        }
        await this.#staged.append(bytes);
        this.#hash.update(bytes);
        this.#size += bytes.length;
      }
    });
  }

  /** Stores the bytes under their digest, or throws when the client expected another. */
  async commit(digest: string): Promise<void> {
    await this.#alone(async () => {
      const actual = `sha256:${this.#hash.digest('hex')}`;
      if (actual !== digest) {
        await this.#staged.discard();
        const message = 'The uploaded bytes do not have the digest that was given. Upload them again.';
        throw new RegistryError('DIGEST_INVALID', message, { detail: { expected: digest, actual } });
      }
      await this.#staged.commit(digest);
    });
  }

  async discard(): Promise<void> {
    await this.#staged.discard();
  }

  /** Two requests on one session at a time would mix their bytes. */
  async #alone(work: () => Promise<void>): Promise<void> {
    if (this.#busy) {
      throw new RegistryError('BLOB_UPLOAD_INVALID', 'The upload session is in use by another request.');
    }
    this.#busy = true;
    try {
      await work();
    } finally {
      this.#busy = false;
    }
  }
}

/** The upload sessions of a registry. They live in memory: a restart ends them, and clients start anew. */
export class Uploads {
  readonly #content: ContentStore;
  readonly #now: () => number;
  readonly #sessions = new Map<string, Upload>();

  constructor(content: ContentStore, now: () => number) {
    this.#content = content;
    this.#now = now;
  }

  async start(repository: string): Promise<Upload> {
    await this.#expire();
    if (this.#sessions.size >= maxSessions) {
      const headers = { 'retry-after': '10' };
      throw new RegistryError('TOOMANYREQUESTS', 'Too many uploads are open.', { headers });
    }
    const upload = new Upload(repository, this.#now(), await this.#content.stage());
    this.#sessions.set(upload.id, upload);
    return upload;
  }

  /** The session of an id, or the refusal that the specification wants. */
  find(repository: string, id: string, state: string | null): Upload {
    const upload = this.#sessions.get(id);
    if (upload === undefined || upload.repository !== repository) {
      throw new RegistryError(
        'BLOB_UPLOAD_UNKNOWN',
        'The upload session is unknown or over. Start a new one.',
      );
    }
    if (upload.state !== state) {
      const message = 'The upload state is missing. Use the Location of the last answer with its query.';
      throw new RegistryError('BLOB_UPLOAD_INVALID', message);
    }
    return upload;
  }

  /** Ends a session whose bytes are stored, or were found wrong. */
  forget(upload: Upload): void {
    this.#sessions.delete(upload.id);
  }

  async cancel(upload: Upload): Promise<void> {
    this.forget(upload);
    await upload.discard();
  }

  /** Throws away everything unfinished. */
  async close(): Promise<void> {
    for (const upload of this.#sessions.values()) await this.cancel(upload);
  }

  async #expire(): Promise<void> {
    const oldest = this.#now() - sessionMilliseconds;
    for (const upload of this.#sessions.values()) if (upload.startedAt < oldest) await this.cancel(upload);
  }
}
