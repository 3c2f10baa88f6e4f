// For the compiler, which would leave out what nobody imports.
import type {} from './reader-thread.main.js';

/** Where the code of reading threads is. Tests, which run from the sources, have another (`jest.config.mjs`). */
export interface ThreadCode {
  url: URL;
  /** Options of Node for the thread. */
  execArgv?: string[];
}

export const threadCode: ThreadCode = { url: new URL('./reader-thread.main.js', import.meta.url) };
