import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ThreadCode } from '../src/isolation/thread-code.js';

const root = join(__dirname, '../../..');

/** The code of a thread as TypeScript, for tests. */
export function threadCodeFromSources(file: string): ThreadCode {
  const register = pathToFileURL(join(root, 'tools/register-typescript.mjs')).href;
  return { url: pathToFileURL(join(root, file)), execArgv: ['--import', register] };
}

/** Stands for `isolation/thread-code.ts` in every test. */
export const threadCode = threadCodeFromSources('apps/scan/src/isolation/reader-thread.main.ts');
