import { type Digest, digestOf } from '@pratique/contracts';
import type { Scanner } from './scanner.js';
import type { Scanners } from './scanners.js';
import type { ScannerReport } from './vulnerability.js';

/** Scanners that answer once, for one image; whoever asks the same again is given the same answer. */
export function scanOnce(scanners: Scanners): Scanners {
  return new Map([...scanners].map(([name, scanner]) => [name, answeringOnce(scanner)]));
}

function answeringOnce(scanner: Scanner): Scanner {
  // What one policy lets it look at in place of the image, another may not trust.
  const answers = new Map<Digest | 'the image', Promise<ScannerReport>>();
  return {
    scan: (target) => {
      const about = target.sboms === undefined ? 'the image' : digestOf(JSON.stringify(target.sboms));
      const answer = answers.get(about) ?? scanner.scan(target);
      answers.set(about, answer);
      return answer;
    },
  };
}
