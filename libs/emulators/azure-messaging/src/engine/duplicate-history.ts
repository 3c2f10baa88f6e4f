import { hash } from 'node:crypto';

/** Azure's largest throughput unit would need more; beyond this the oldest ids are forgotten early. */
const MAX_IDS = 2 ** 20;
const FIRST_CAPACITY = 2 ** 10;
/** Half a SHA-256: two ids of one window that fall together are less likely than a broken disk. */
const KEY_BYTES = 16;
/** A key, its moment and its sequence number. */
const PACKED_BYTES = KEY_BYTES + 8 + 8;
const IDS_IN_A_PIECE = 32_768;
const NONE = -1;

/**
 * The message ids that a topic accepted within its duplicate-detection window, oldest first in a ring, found through a hash
 * table. Plain numbers in typed arrays take 40 bytes for each id, where a Map of strings would take some 200.
 */
export class DuplicateHistory {
  private capacity = FIRST_CAPACITY;
  private keys = Buffer.alloc(FIRST_CAPACITY * KEY_BYTES);
  private moments = new Float64Array(FIRST_CAPACITY);
  private sequences = new Float64Array(FIRST_CAPACITY);
  /** The newest slot of each bucket, and for each slot the next older one of its bucket. */
  private buckets = new Int32Array(FIRST_CAPACITY).fill(NONE);
  private older = new Int32Array(FIRST_CAPACITY);
  private oldest = 0;
  private size = 0;

  constructor(private readonly windowMs: number) {}

  /** The number of the message with this id that was accepted within the window, if there is one. */
  find(messageId: string, now: number): number | undefined {
    this.forgetUntil(now - this.windowMs);
    const slot = this.slotOf(keyOf(messageId));
    return slot === NONE ? undefined : this.sequences[slot];
  }

  /** `at`: when it was accepted (Unix ms), not before the ids that are remembered already. */
  remember(messageId: string, at: number, sequence: number): void {
    this.add(keyOf(messageId), at, sequence);
  }

  /** What still counts at `now`, oldest first, for `unpack`. */
  *pack(now: number): Generator<Buffer> {
    this.forgetUntil(now - this.windowMs);
    for (let start = 0; start < this.size; start += IDS_IN_A_PIECE) {
      const count = Math.min(IDS_IN_A_PIECE, this.size - start);
      const piece = Buffer.alloc(count * PACKED_BYTES);
      for (let index = 0; index < count; index += 1) {
        const slot = this.slotAt(start + index);
        const at = index * PACKED_BYTES;
        this.keys.copy(piece, at, slot * KEY_BYTES, (slot + 1) * KEY_BYTES);
        piece.writeDoubleBE(this.moments[slot] ?? 0, at + KEY_BYTES);
        piece.writeDoubleBE(this.sequences[slot] ?? 0, at + KEY_BYTES + 8);
      }
      yield piece;
    }
  }

  unpack(piece: Buffer): void {
    for (let at = 0; at + PACKED_BYTES <= piece.length; at += PACKED_BYTES) {
      const key = piece.subarray(at, at + KEY_BYTES);
      this.add(key, piece.readDoubleBE(at + KEY_BYTES), piece.readDoubleBE(at + KEY_BYTES + 8));
    }
  }

  private add(key: Buffer, at: number, sequence: number): void {
    this.forgetUntil(at - this.windowMs);
    if (this.slotOf(key) !== NONE) return;
    if (this.size === MAX_IDS) this.forgetOldest();
    if (this.size === this.capacity) this.grow();
    const slot = this.slotAt(this.size);
    this.size += 1;
    key.copy(this.keys, slot * KEY_BYTES);
    this.moments[slot] = at;
    this.sequences[slot] = sequence;
    const bucket = this.bucketOf(key);
    this.older[slot] = this.buckets[bucket] ?? NONE;
    this.buckets[bucket] = slot;
  }

  private forgetUntil(moment: number): void {
    while (this.size > 0 && (this.moments[this.oldest] ?? 0) <= moment) this.forgetOldest();
  }

  /** The oldest slot is the last of its bucket. */
  private forgetOldest(): void {
    const bucket = this.bucketOf(this.keyAt(this.oldest));
    let newer = NONE;
    for (let slot = this.buckets[bucket] ?? NONE; slot !== this.oldest; slot = this.older[slot] ?? NONE)
      newer = slot;
    if (newer === NONE) this.buckets[bucket] = NONE;
    else this.older[newer] = NONE;
    this.oldest = this.slotAt(1);
    this.size -= 1;
  }

  private grow(): void {
    const pieces = [...this.pack(-Infinity)];
    this.capacity *= 2;
    this.keys = Buffer.alloc(this.capacity * KEY_BYTES);
    this.moments = new Float64Array(this.capacity);
    this.sequences = new Float64Array(this.capacity);
    this.buckets = new Int32Array(this.capacity).fill(NONE);
    this.older = new Int32Array(this.capacity);
    this.oldest = 0;
    this.size = 0;
    for (const piece of pieces) this.unpack(piece);
  }

  private slotOf(key: Buffer): number {
    let slot = this.buckets[this.bucketOf(key)] ?? NONE;
    while (slot !== NONE && !this.keyAt(slot).equals(key)) slot = this.older[slot] ?? NONE;
    return slot;
  }

  private slotAt(index: number): number {
    return (this.oldest + index) & (this.capacity - 1);
  }

  private keyAt(slot: number): Buffer {
    return this.keys.subarray(slot * KEY_BYTES, (slot + 1) * KEY_BYTES);
  }

  private bucketOf(key: Buffer): number {
    return key.readUInt32LE(0) & (this.capacity - 1);
  }
}

function keyOf(messageId: string): Buffer {
  return hash('sha256', messageId, 'buffer').subarray(0, KEY_BYTES);
}
