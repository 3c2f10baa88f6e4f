import { createHash, hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { FileUnderScan, Inspection } from '../../apps/scan/src/checks/check.js';
import { servePartsOn } from '../../apps/scan/src/isolation/serve-parts.js';
import type { FileSink } from '../../apps/scan/src/layers/tar-reader.js';

/** Lists every file with its SHA-256, which no check of Pratique asks for: the most that one could. */
function listing(): Inspection {
  const list = createHash('sha256');
  let count = 0;
  const add = ({ path }: FileUnderScan, digest: string): void => {
    count += 1;
    list.update(`${digest}  ${path}\n`);
  };
  return {
    file: (file) => (file.kind === 'file' ? hashingSink(file, add) : undefined),
    report: () => ({
      result: 'passed',
      findings: [{ id: 'list', message: `${count} ${list.digest('hex')}`, mend: '' }],
    }),
  };
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
servePartsOn(parentPort, () => ({ begin: listing }));
