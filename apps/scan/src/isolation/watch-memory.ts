import type { Worker } from 'node:worker_threads';

export interface MemoryLimits {
  heapBytes: number;
  bufferBytes: number;
}

/** Milliseconds. V8 answers between two steps of whatever the thread is at, in a loop too. */
const everyMs = 50;

/**
 * Where V8 itself stops a thread.
 *
 * It does so only while the heap grows in small steps: an allocation that passes the limit by more than 16 MiB at once ends the
 * whole process (`Worker::NearHeapLimit`, https://github.com/nodejs/node/blob/v24.x/src/node_worker.cc). So its limit lies
 * farther away than any one allocation is large, and the watch stops the thread before. None of it is reserved.
 */
export function heapLimitMb({ heapBytes }: MemoryLimits): number {
  return Math.ceil(heapBytes / 2 ** 20) + 2048;
}

/**
 * Looks after a thread's memory: its heap, and what V8's limits do not know at all, which is buffers and what zlib and zstd
 * hold.
 *
 * @param onTooMuch is told what it had
 * @returns ends the watch
 */
export function watchMemory(
  worker: Worker,
  { heapBytes, bufferBytes }: MemoryLimits,
  onTooMuch: (what: string) => void,
): () => void {
  let isAsking = false;
  const look = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    try {
      const { used_heap_size: heap, external_memory: buffers } = await worker.getHeapStatistics();
      if (heap > heapBytes) onTooMuch(`it held ${heap} bytes of objects, and may hold ${heapBytes}`);
      if (buffers > bufferBytes)
        onTooMuch(`it held ${buffers} bytes of buffers, and may hold ${bufferBytes}`);
    } catch {
      // A thread that has just ended has no memory to ask for; its end is seen elsewhere.
    } finally {
      isAsking = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  return () => clearInterval(timer);
}
