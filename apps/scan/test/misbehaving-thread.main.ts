import { parentPort } from 'node:worker_threads';
import type { CheckReport, Inspection } from '../src/checks/check.js';
import { servePartsOn } from '../src/isolation/serve-parts.js';

// A reading thread whose checks do what no check should: they stand for what a hostile image might bring a bug in one to do.
const report = (): CheckReport => ({ result: 'passed', findings: [] });

const misdeeds: Record<string, () => Inspection> = {
  behaves: () => ({ report }),
  'fills-the-heap': () => ({
    file: () => {
      const kept: object[] = [];
      for (;;) kept.push({ more: kept.length });
    },
    report,
  }),
  'fills-the-heap-at-once': () => ({ file: () => void new Array(2 ** 24).fill({}), report }),
  'fills-buffers': () => {
    const kept: Buffer[] = [];
    return {
      file: () => ({ write: () => void kept.push(Buffer.alloc(32 * 2 ** 20, 1)), end: () => undefined }),
      report,
    };
  },
  'never-returns': () => ({
    file: () => {
      for (;;);
    },
    report,
  }),
  exits: () => ({ file: () => process.exit(0), report }),
  'throws-later': () => ({
    file: () => {
      setImmediate(() => {
        throw new Error('out of the blue');
      });
      return undefined;
    },
    report,
  }),
};

if (parentPort === null) throw new Error('This is the code of a thread.');
servePartsOn(parentPort, ({ kind }) => ({ begin: misdeeds[kind] as () => Inspection }));
