import type { Storage } from './storage.js';

/** Keeps nothing: the entities themselves hold everything until the process ends. */
export const memoryStorage: Storage = {
  journal: { append: () => Promise.resolve(), note: () => undefined },
  replay: () => undefined,
  begin: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
