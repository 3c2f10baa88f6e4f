import type { CopyProgress } from '@pratique/oci';
import type { Digest } from '@pratique/contracts';
import type { PlannedCopy, TaggedImage } from './planned-copy.js';

/** How far a copy has come. */
export interface RunningCopy {
  rule: string;
  source: TaggedImage;
  target: TaggedImage;
  /** ISO 8601. */
  startedAt: string;
  /** `waiting`: for its turn at the target's tag, or for a slot of its rule. */
  state: 'waiting' | 'looking' | 'importing' | 'copying' | 'deleting';
  /** What is being brought over. */
  digest?: Digest;
  /** Of a copy that is streamed: what is at the target by now. */
  blobs: number;
  bytes: number;
  manifests: number;
  referrers: number;
}

/** Where a copy tells how far it has come. */
export interface CopyWatch {
  is(state: RunningCopy['state'], digest?: Digest): void;
  did(progress: CopyProgress): void;
}

/** The copies that run in this process, for people who watch. */
export class RunningCopies {
  readonly #running = new Set<RunningCopy>();

  /** In the order in which they started. */
  list(): RunningCopy[] {
    return [...this.#running].map((copy) => ({ ...copy }));
  }

  /** Runs a copy and shows it until it ends. */
  async watch<T>(planned: PlannedCopy, work: (watch: CopyWatch) => Promise<T>): Promise<T> {
    const copy = startOf(planned);
    this.#running.add(copy);
    try {
      return await work({
        is: (state, digest) => {
          copy.state = state;
          if (digest !== undefined) copy.digest = digest;
        },
        did: (progress) => count(copy, progress),
      });
    } finally {
      this.#running.delete(copy);
    }
  }
}

function startOf({ rule, source, target }: PlannedCopy): RunningCopy {
  const startedAt = new Date().toISOString();
  return {
    ...{ rule, source, target, startedAt, state: 'waiting' },
    ...{ blobs: 0, bytes: 0, manifests: 0, referrers: 0 },
  };
}

function count(copy: RunningCopy, progress: CopyProgress): void {
  if (progress.step === 'manifest') copy.manifests += 1;
  if (progress.step === 'referrer') copy.referrers += 1;
  if (progress.step !== 'blob') return;
  copy.blobs += 1;
  if (progress.how === 'copied') copy.bytes += progress.bytes;
}
