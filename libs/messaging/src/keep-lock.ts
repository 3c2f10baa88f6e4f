export interface LockToKeep {
  /** Until when the broker holds the lock, by the broker's clock. */
  lockedUntil: Date;
  /** Asks the broker for longer; gives the new end. */
  renew: () => Promise<Date>;
  /** Whether an error of `renew` means that the lock is gone for good. */
  isLost: (error: unknown) => boolean;
  onLost: (error: unknown) => void;
}

// Only bounds for the case that the clocks of broker and service disagree: a minute's lock is renewed at half time,
// in 30 s, and a service whose clock is behind would else wait until the lock has long expired.
const longestWaitMs = 30_000;
const shortestWaitMs = 500;

/**
 * Renews a lock until the returned function is called.
 *
 * The SDK's own renewal stops for good at the first failure, and when the link was replaced; this one goes on until the
 * broker itself says that the lock is lost.
 */
export function keepLock(lock: LockToKeep): () => void {
  let timer: NodeJS.Timeout | undefined;
  let released = false;

  function waitFor(lockedUntil: Date): void {
    if (released) return;
    const half = (lockedUntil.getTime() - Date.now()) / 2;
    timer = setTimeout(renew, Math.min(longestWaitMs, Math.max(shortestWaitMs, half)), lockedUntil);
  }

  function renew(lockedUntil: Date): void {
    lock.renew().then(waitFor, (error: unknown) => {
      if (released) return;
      if (lock.isLost(error)) lock.onLost(error);
      else waitFor(lockedUntil);
    });
  }

  waitFor(lock.lockedUntil);
  return () => {
    released = true;
    clearTimeout(timer);
  };
}
