import type { PartJob, PartReading } from '../part-job.js';

/** What a reading thread is told. `bytes` come after `start`, and their memory moves to the thread. */
export type ToThread =
  | { type: 'start'; job: PartJob }
  | { type: 'bytes'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'end' }
  /** The source has failed, or nobody wants to know any more. */
  | { type: 'cancel' };

/** What it tells. `taken`: there is room for one more piece, and the memory for it. `done`: also when it has given up. */
export type FromThread = { type: 'taken'; memory: ArrayBuffer } | { type: 'done'; reading: PartReading };
