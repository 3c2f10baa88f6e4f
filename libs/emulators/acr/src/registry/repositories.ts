import type { RecordStore } from '../storage/record-store.js';
import { blobKey, manifestKey, parseRecordKey, tagKey } from './record-keys.js';
import { isDigest } from './image-names.js';
import { StoredManifest, StoredTag } from './stored-image.js';

interface Repository {
  readonly blobs: Set<string>;
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, StoredTag>;
  /** The end of the last change in the queue. */
  turn: Promise<unknown>;
}

/**
 * What is in which repository. Read at start, held in memory, every change written through before it is seen. The
 * order of writes is such that a crash leaves no tag without manifest and no manifest without content.
 */
export class Repositories {
  readonly #records: RecordStore;
  readonly #repositories = new Map<string, Repository>();

  private constructor(records: RecordStore) {
    this.#records = records;
  }

  /** The repositories in `restored`, the records that were in the store at start. */
  static restore(records: RecordStore, restored: ReadonlyMap<string, string>): Repositories {
    const repositories = new Repositories(records);
    for (const [key, value] of restored) repositories.#restore(key, value);
    return repositories;
  }

  /** Names in order, of repositories that hold a manifest: one with blobs only is not there yet. */
  names(): string[] {
    return [...this.#repositories]
      .filter(([, { manifests }]) => manifests.size > 0)
      .map(([name]) => name)
      .sort();
  }

  exists(name: string): boolean {
    return (this.#repositories.get(name)?.manifests.size ?? 0) > 0;
  }

  hasBlob(name: string, digest: string): boolean {
    return this.#repositories.get(name)?.blobs.has(digest) ?? false;
  }

  /** Whether any repository refers to this content, as blob or manifest. */
  refersTo(digest: string): boolean {
    return [...this.#repositories.values()].some(
      ({ blobs, manifests }) => blobs.has(digest) || manifests.has(digest),
    );
  }

  manifest(name: string, digest: string): StoredManifest | undefined {
    return this.#repositories.get(name)?.manifests.get(digest);
  }

  /** The manifest behind a tag or digest. */
  resolve(name: string, reference: string): StoredManifest | undefined {
    const digest = isDigest(reference) ? reference : this.tag(name, reference)?.digest;
    return digest === undefined ? undefined : this.manifest(name, digest);
  }

  tag(name: string, tag: string): StoredTag | undefined {
    return this.#repositories.get(name)?.tags.get(tag);
  }

  /** Tags in the order of their names. */
  tags(name: string): StoredTag[] {
    return [...(this.#repositories.get(name)?.tags.values() ?? [])].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  }

  /** Manifests in the order of their digests. */
  manifests(name: string): StoredManifest[] {
    const manifests = [...(this.#repositories.get(name)?.manifests.values() ?? [])];
    return manifests.sort((a, b) => (a.digest < b.digest ? -1 : 1));
  }

  /** Runs changes of one repository one after the other, so that each sees what the former left. */
  async inTurn<Result>(name: string, change: () => Promise<Result>): Promise<Result> {
    const repository = this.#open(name);
    const result = repository.turn.then(change);
    repository.turn = result.catch(() => undefined);
    return result;
  }

  async addBlob(name: string, digest: string): Promise<void> {
    const { blobs } = this.#open(name);
    if (blobs.has(digest)) return;
    await this.#records.put(blobKey(name, digest), '{}');
    blobs.add(digest);
  }

  async removeBlob(name: string, digest: string): Promise<void> {
    await this.#records.delete(blobKey(name, digest));
    this.#open(name).blobs.delete(digest);
  }

  async putManifest(name: string, manifest: StoredManifest): Promise<void> {
    await this.#records.put(manifestKey(name, manifest.digest), JSON.stringify(manifest));
    this.#open(name).manifests.set(manifest.digest, manifest);
  }

  async removeManifest(name: string, digest: string): Promise<void> {
    for (const tag of this.tags(name)) if (tag.digest === digest) await this.removeTag(name, tag.name);
    await this.#records.delete(manifestKey(name, digest));
    this.#open(name).manifests.delete(digest);
  }

  async putTag(name: string, tag: StoredTag): Promise<void> {
    await this.#records.put(tagKey(name, tag.name), JSON.stringify(tag));
    this.#open(name).tags.set(tag.name, tag);
  }

  async removeTag(name: string, tag: string): Promise<void> {
    await this.#records.delete(tagKey(name, tag));
    this.#open(name).tags.delete(tag);
  }

  #open(name: string): Repository {
    const known = this.#repositories.get(name);
    if (known !== undefined) return known;
    const fresh = {
      blobs: new Set<string>(),
      manifests: new Map(),
      tags: new Map(),
      turn: Promise.resolve(),
    };
    this.#repositories.set(name, fresh);
    return fresh;
  }

  #restore(key: string, value: string): void {
    const parsed = parseRecordKey(key);
    if (parsed === undefined) return;
    const { blobs, manifests, tags } = this.#open(parsed.repository);
    if (parsed.kind === '_blobs') {
      blobs.add(`sha256:${parsed.name}`);
    } else if (parsed.kind === '_manifests') {
      const manifest = StoredManifest.parse(JSON.parse(value));
      manifests.set(manifest.digest, manifest);
    } else {
      const tag = StoredTag.parse(JSON.parse(value));
      tags.set(tag.name, tag);
    }
  }
}
