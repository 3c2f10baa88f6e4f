import type { Digest, RegistryName } from '@pratique/contracts';
import { OciError } from '@pratique/oci';
import type { RegistryConnection, RegistryConnections } from '@pratique/registry-access';
import { backUpTag } from './back-up-tag.js';
import { HourlyBudget } from './hourly-budget.js';
import { InTurn } from './in-turn.js';
import { digestAt, type Move } from './move.js';
import type { PlannedCopy, TaggedImage } from './planned-copy.js';
import { removeTag } from './remove-tag.js';
import { type CopyWatch, RunningCopies } from './running-copies.js';
import { contentOf } from './select-content.js';
import { sumOf, type SyncFigures, type Transfer, transferImage, transferSubset } from './transfer-image.js';

/** What a planned copy came to. */
export type SyncResult = Copied | Deleted | Nothing;

export interface Copied {
  did: 'copied';
  how: 'imported' | 'copied';
  /** What the source's tag names. */
  digest: Digest;
  /** What the target's tag names: another index where platforms were left out. */
  at: Digest;
  /** What it named before, where that was asked for. */
  before?: Digest;
  /** The tag that keeps what the target's tag named before. */
  backup?: string;
  figures: SyncFigures;
}

export interface Deleted {
  did: 'deleted';
  before: Digest;
  digest?: undefined;
}

export type Nothing =
  | { did: 'nothing'; why: 'already-present'; digest: Digest; at: Digest }
  | { did: 'nothing'; why: 'overwrite-denied'; digest: Digest; before: Digest }
  | { did: 'nothing'; why: 'other-artifact' | 'other-platform'; digest: Digest }
  | { did: 'nothing'; why: 'delete-bound-reached'; before: Digest; digest?: undefined }
  | { did: 'nothing'; why: 'image-gone'; digest?: undefined }
  | { did: 'nothing'; why: 'tag-moved'; digest?: undefined };

export interface CarryOutOptions {
  signal: AbortSignal;
  /** Whether a tag that the source does not show may be taken away, where the rule says so; default true. */
  mayDelete?: boolean;
}

export interface SyncImageOptions {
  running?: RunningCopies;
  deletions?: HourlyBudget;
}

// A tag that moves faster than its image can be copied is looked at again later.
const maxRounds = 5;

const gone: Nothing = { did: 'nothing', why: 'image-gone' };

/** Brings tags of targets to where their sources are, each image by digest. */
export class SyncImage {
  readonly #turns = new InTurn();
  readonly #running: RunningCopies;
  readonly #deletions: HourlyBudget;

  constructor(
    private readonly connections: RegistryConnections,
    { running = new RunningCopies(), deletions = new HourlyBudget() }: SyncImageOptions = {},
  ) {
    this.#running = running;
    this.#deletions = deletions;
  }

  /**
   * Copies what the tag names now, by digest, and looks at the tag again: whoever writes a target's tag does not leave it
   * before the source has shown the same, so the target follows the source under any order of events and any number of
   * workers. Doing it twice changes nothing. Two copies to the same target tag of this process go one after the other, so
   * that the second finds the first one's work.
   *
   * @throws OciError and AcrImportError where a registry fails, TagsNotDeletable, the signal's reason when aborted
   */
  async carryOut(copy: PlannedCopy, options: CarryOutOptions): Promise<SyncResult> {
    const { signal } = options;
    const follow = (watch: CopyWatch): Promise<SyncResult> => this.#follow(copy, { ...options, watch });
    // Two rules that lead to each other's sources would otherwise hand two images of one tag back and forth.
    const places = copy.manner.twoWay ? [copy.source, copy.target] : [copy.target];
    return await this.#running.watch(copy, (watch) =>
      this.#inSlot(copy, signal, () => this.#alone(places.map(keyOf).sort(), signal, () => follow(watch))),
    );
  }

  #inSlot<T>({ rule, manner }: PlannedCopy, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (manner.concurrency === undefined) return work();
    return this.#turns.run(`rule ${rule}`, work, signal, manner.concurrency);
  }

  // Always in the same order, so that nobody waits for somebody who waits for him.
  #alone<T>([key, ...more]: string[], signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return key === undefined ? work() : this.#turns.run(key, () => this.#alone(more, signal, work), signal);
  }

  async #follow(copy: PlannedCopy, options: CarryOutOptions & { watch: CopyWatch }): Promise<SyncResult> {
    const { signal, watch, mayDelete = true } = options;
    const source = this.#connection(copy.source.registry);
    const target = this.#connection(copy.target.registry);
    const { repository, tag: reference } = copy.source;
    let result: SyncResult = gone;
    let seen: Digest | 'nothing' | undefined;
    for (let rounds = 1; rounds <= maxRounds; rounds++) {
      watch.is('looking');
      const digest = await digestAt(source, { repository, reference }, { side: 'source', signal });
      if ((digest ?? 'nothing') === seen) return result;
      seen = digest ?? 'nothing';
      if (digest === undefined) {
        if (copy.mirror === undefined || !mayDelete) return result;
        result = await this.#remove(copy, { target, watch, signal });
        if (result.did === 'nothing' && result.why === 'delete-bound-reached') return result;
        continue;
      }
      const move: Move = { copy, source, target, digest, watch, signal };
      if (copy.decided !== undefined && digest !== copy.decided && !(await mayFollow(move, result)))
        return result.did === 'copied' ? result : { did: 'nothing', why: 'tag-moved' };
      const done = await this.#bring(move);
      if (!('wrote' in done)) return done;
      result = resultOf(done, { digest, rounds, earlier: result });
    }
    throw new OciError(
      `${copy.source.repository}:${copy.source.tag} has moved ${maxRounds} times while it was being copied.`,
      { code: 'not-verified', operation: 'follow-tag', side: 'source' },
    );
  }

  /** Brings what the source's tag names now to the target; nothing where the rule does not let it. */
  async #bring(move: Move): Promise<Brought | Nothing> {
    const { copy, target, digest, signal } = move;
    const content = await contentOf(move);
    if ('nothing' in content) return { did: 'nothing', why: content.nothing, digest };
    const at = 'part' in content ? content.part.digest : content.whole;
    const { repository, tag: reference } = copy.target;
    // A streamed copy looks there itself, and says what it saw.
    const streamed = copy.manner.overwrite === 'allow' && target.importer === undefined && 'whole' in content;
    const before = streamed
      ? undefined
      : await digestAt(target, { repository, reference }, { side: 'target', signal });
    const replaces = before !== undefined && before !== at;
    if (replaces && copy.manner.overwrite === 'deny')
      return { did: 'nothing', why: 'overwrite-denied', digest, before };
    const backup = replaces && copy.manner.overwrite === 'backup' ? await backUpTag(move, before) : undefined;
    const transfer = 'part' in content ? await transferSubset(move, content.part) : await transferImage(move);
    return {
      ...(before !== undefined && { before }),
      ...transfer,
      at,
      ...(backup !== undefined && { backup }),
    };
  }

  async #remove(
    { rule, target: { repository, tag }, target: place, mirror }: PlannedCopy,
    { target, watch, signal }: Pick<Move, 'target' | 'watch' | 'signal'>,
  ): Promise<SyncResult> {
    watch.is('deleting');
    const before = await digestAt(target, { repository, reference: tag }, { side: 'target', signal });
    if (before === undefined) return gone;
    if (!this.#deletions.take(rule, mirror?.maxPerHour ?? 0))
      return { did: 'nothing', why: 'delete-bound-reached', before };
    return (await removeTag(target, place, signal)) ? { did: 'deleted', before } : gone;
  }

  #connection(name: RegistryName): RegistryConnection {
    const connection = this.connections.get(name);
    if (connection === undefined) throw new TypeError(`no registry of the configuration is called ${name}`);
    return connection;
  }
}

type Brought = Transfer & Pick<Copied, 'at' | 'backup'>;

/**
 * Whether a tag may go on to an image that this event did not decide on. It may where we have just moved it and the target
 * holds the newer image: then that one was let in by a decision of its own, whose tag ours has overwritten.
 */
async function mayFollow({ copy, target, digest, signal }: Move, result: SyncResult): Promise<boolean> {
  if (result.did !== 'copied') return false;
  const { repository } = copy.target;
  return (
    (await digestAt(target, { repository, reference: digest }, { side: 'target', signal })) !== undefined
  );
}

function keyOf({ registry, repository, tag }: TaggedImage): string {
  return `${registry}/${repository}:${tag}`;
}

function resultOf(
  { how, wrote, figures, at, before, backup }: Brought,
  { digest, rounds, earlier }: { digest: Digest; rounds: number; earlier: SyncResult },
): SyncResult {
  const wroteBefore = earlier.did === 'copied' ? earlier : undefined;
  // An earlier round wrote, so this one is part of a copy even if somebody else had done it by then.
  if (!wrote && wroteBefore === undefined) return { did: 'nothing', why: 'already-present', digest, at };
  const first = wroteBefore === undefined ? before : wroteBefore.before;
  const kept = backup ?? wroteBefore?.backup;
  return {
    ...{ did: 'copied', how, digest, at },
    ...(first !== undefined && { before: first }),
    ...(kept !== undefined && { backup: kept }),
    figures: { ...sumOf(wroteBefore?.figures ?? {}, figures), rounds },
  };
}
