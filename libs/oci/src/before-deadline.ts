import { OciError } from './oci-error.js';

/**
 * Does some work that is told to stop at a deadline, or when the caller says so.
 *
 * @throws OciError `timed-out` at the deadline, the signal's reason when it was aborted, or what the work throws
 */
export async function beforeDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { deadlineMs, signal }: { deadlineMs: number; signal: AbortSignal | undefined },
): Promise<T> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(overdue(deadlineMs)), deadlineMs);
  try {
    return await work(signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]));
  } finally {
    clearTimeout(timer);
  }
}

function overdue(deadlineMs: number): OciError {
  return new OciError(`The image was not copied within ${Math.round(deadlineMs / 1000)} s.`, {
    code: 'timed-out',
    operation: 'copy-image',
  });
}
