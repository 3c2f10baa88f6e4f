import { createHash, hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { FileUnderScan, Inspection } from '../../apps/scan/src/checks/check.js';
import { servePartsOn } from '../../apps/scan/src/isolation/serve-parts.js';
import type { FileSink } from '../../apps/scan/src/layers/tar-reader.js';

/** Lists every file by path and size, as `tar t` does. */
function listing(): Inspection {
  const list = new FileList();
  return {
    file: ({ kind, path, size }) => {
      if (kind === 'file') list.add(`${size} ${path}`);
      return undefined;
    },
    report: () => list.report(),
  };
}

/** Lists every file with its SHA-256, which no check of Pratique asks for: the most that one could. */
function hashedListing(): Inspection {
  const list = new FileList();
  const add = ({ path }: FileUnderScan, digest: string): void => list.add(`${digest} ${path}`);
  return {
    file: (file) => (file.kind === 'file' ? hashingSink(file, add) : undefined),
    report: () => list.report(),
  };
}

class FileList {
  private readonly hash = createHash('sha256');
  private count = 0;

  add(line: string): void {
    this.count += 1;
    this.hash.update(`${line}\n`);
  }

  report(): ReturnType<Inspection['report']> {
    const message = `${this.count} ${this.hash.digest('hex')}`;
    return { result: 'passed', findings: [{ id: 'list', message, mend: '' }] };
  }
}

function hashingSink(file: FileUnderScan, add: (file: FileUnderScan, digest: string) => void): FileSink {
  let digest = file.size === 0 ? hash('sha256', '') : undefined;
  let parts: ReturnType<typeof createHash> | undefined;
  return {
    write: (bytes) => {
      // Most files arrive whole; a hash that is fed costs more to make than they do.
      if (bytes.length === file.size) digest = hash('sha256', bytes);
      else (parts ??= createHash('sha256')).update(bytes);
    },
    end: () => add(file, digest ?? parts?.digest('hex') ?? ''),
  };
}

if (parentPort === null) throw new Error('This is the code of a thread.');
servePartsOn(parentPort, ({ kind }) => ({ begin: kind === 'hashed-listing' ? hashedListing : listing }));
