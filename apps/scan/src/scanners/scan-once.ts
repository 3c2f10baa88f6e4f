import type { Scanner } from './scanner.js';
import type { Scanners } from './scanners.js';
import type { ScannerReport } from './vulnerability.js';

/** Scanners that answer once, for one image; whoever asks again is given the same answer. */
export function scanOnce(scanners: Scanners): Scanners {
  return new Map([...scanners].map(([name, scanner]) => [name, answeringOnce(scanner)]));
}

function answeringOnce(scanner: Scanner): Scanner {
  let answer: Promise<ScannerReport> | undefined;
  return { scan: (target) => (answer ??= scanner.scan(target)) };
}
