import type { FileSink, TarVisitor } from '../layers/tar-reader.js';
import { osReleasePath, packageDatabases } from './package-database.js';

// Debian's status file of a desktop is some 5 MB.
const maxFileBytes = 32 * 1024 * 1024;
const maxFiles = 10_000;

/**
 * Keeps the files of an image that say which packages it has, layer by layer: what a later layer writes again counts, and what
 * it takes away (a whiteout) does not.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts
 */
export class PackageFiles {
  private readonly files = new Map<string, string>();
  /** What is wanted and was not kept: the list has a hole then. */
  readonly leftOut: string[] = [];
  private keptBytes = 0;

  /** The visitor for the next layer; whiteouts hide what the layers before have, and not what this one brings. */
  nextLayer(): TarVisitor {
    const before = new Set(this.files.keys());
    return {
      entry: ({ path, size, kind }) => {
        this.hide(path, before);
        if (!isWanted(path)) return undefined;
        before.delete(path);
        this.files.delete(path);
        if (kind !== 'file') {
          // A link: what it leads to may be anywhere.
          this.leftOut.push(path);
          return undefined;
        }
        return this.keep(path, size);
      },
    };
  }

  /** By path. */
  get contents(): ReadonlyMap<string, string> {
    return this.files;
  }

  private keep(path: string, size: number): FileSink | undefined {
    if (this.files.size >= maxFiles || this.keptBytes + size > maxFileBytes) {
      this.leftOut.push(path);
      return undefined;
    }
    this.keptBytes += size;
    const chunks: Buffer[] = [];
    return {
      write: (bytes) => void chunks.push(Buffer.from(bytes)),
      end: () => void this.files.set(path, Buffer.concat(chunks).toString('utf8')),
    };
  }

  private hide(path: string, before: ReadonlySet<string>): void {
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    if (!name.startsWith('.wh.')) return;
    const folder = path.slice(0, slash + 1);
    // An opaque folder hides everything in it that came before.
    const hidden = name === '.wh..wh..opq' ? folder : `${folder}${name.slice('.wh.'.length)}`;
    for (const known of before) {
      if (known === hidden || known.startsWith(name === '.wh..wh..opq' ? folder : `${hidden}/`)) {
        this.files.delete(known);
      }
    }
  }
}

function isWanted(path: string): boolean {
  return osReleasePath.test(path) || packageDatabases.some(({ matches }) => matches.test(path));
}
