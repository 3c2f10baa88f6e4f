import { randomUUID } from 'node:crypto';

import type { HeldMessage, LockedMessage } from './message.js';

/**
 * The locks of one queue. All locks of a queue last equally long and a renewed lock goes to the end, so the order of
 * insertion is the order of expiry and the first entry is always the next one to run out.
 */
export class LockTable {
  private readonly locks = new Map<string, LockedMessage>();
  private readonly messages = new Set<HeldMessage>();

  constructor(private readonly durationMs: number) {}

  get size(): number {
    return this.locks.size;
  }

  get nextExpiry(): number | undefined {
    return this.first()?.lockedUntil;
  }

  lock(message: HeldMessage, now: number): LockedMessage {
    return this.put({ message, token: randomUUID(), lockedUntil: now + this.durationMs });
  }

  /** Ends a lock and gives its message; undefined when the token is unknown or the lock has run out. */
  take(token: string, now: number): HeldMessage | undefined {
    const lock = this.locks.get(token);
    if (lock === undefined || lock.lockedUntil <= now) return undefined;
    return this.end(lock);
  }

  has(message: HeldMessage): boolean {
    return this.messages.has(message);
  }

  /** Lets a lock last its full duration again from now; undefined when it is unknown or has run out. */
  renew(token: string, now: number): LockedMessage | undefined {
    const message = this.take(token, now);
    return message && this.put({ message, token, lockedUntil: now + this.durationMs });
  }

  /** Takes one lock that has run out, if there is one. */
  takeExpired(now: number): HeldMessage | undefined {
    const first = this.first();
    if (first === undefined || first.lockedUntil > now) return undefined;
    return this.end(first);
  }

  private end({ token, message }: LockedMessage): HeldMessage {
    this.locks.delete(token);
    this.messages.delete(message);
    return message;
  }

  private first(): LockedMessage | undefined {
    const next = this.locks.values().next();
    return next.done === true ? undefined : next.value;
  }

  private put(lock: LockedMessage): LockedMessage {
    this.locks.set(lock.token, lock);
    this.messages.add(lock.message);
    return lock;
  }
}
