import { AcrImportError, importImage, type ImportSource } from '@pratique/acr';
import type { Digest, RegistryName } from '@pratique/contracts';
import { copyImage, type CopySide, OciError } from '@pratique/oci';
import type { RegistryConnection, RegistryConnections } from '@pratique/registry-access';
import { importOrigin } from './import-origin.js';
import { InTurn } from './in-turn.js';
import type { PlannedCopy, TaggedImage } from './sync-plan.js';

/** What a planned copy came to. */
export type SyncResult =
  | { did: 'copied'; how: 'imported' | 'copied'; digest: Digest; figures: SyncFigures }
  | { did: 'nothing'; why: 'already-present'; digest: Digest }
  | { did: 'nothing'; why: 'image-gone' | 'tag-moved'; digest?: undefined };

/** Figures of a copy, as they stand in the outcome's details. */
export interface SyncFigures {
  method: 'import' | 'copy';
  /** How often the tag was followed, because it moved while its image was being copied. */
  rounds: number;
  referrers: number;
  /** Bytes that were streamed; an import streams none through this service. */
  bytes?: number;
  blobsCopied?: number;
  blobsMounted?: number;
  blobsPresent?: number;
  /** Why the registry did not import the image, where it was streamed instead. */
  importRefused?: string;
}

interface Transfer {
  how: 'imported' | 'copied';
  /** Whether the target was changed. */
  wrote: boolean;
  figures: Omit<SyncFigures, 'rounds'>;
}

interface Move {
  copy: PlannedCopy;
  source: RegistryConnection;
  target: RegistryConnection;
  digest: Digest;
  signal: AbortSignal;
}

// A tag that moves faster than its image can be copied is left after so many rounds: each move is an event of its own.
const maxRounds = 5;

/** Carries out planned copies, each by digest. */
export class SyncImage {
  readonly #targets = new InTurn();

  constructor(private readonly connections: RegistryConnections) {}

  /**
   * Copies what the tag names now, by digest, and looks at the tag again: the target follows the source under any order
   * of events and any number of workers. Doing it twice changes nothing. Two copies to the same target tag of this
   * process go one after the other, so that the second finds the first one's work.
   *
   * @throws OciError and AcrImportError where a registry fails, the signal's reason when aborted
   */
  async carryOut(copy: PlannedCopy, signal: AbortSignal): Promise<SyncResult> {
    const { registry, repository, tag } = copy.target;
    return await this.#targets.run(
      `${registry}/${repository}:${tag}`,
      () => this.#follow(copy, signal),
      signal,
    );
  }

  async #follow(copy: PlannedCopy, signal: AbortSignal): Promise<SyncResult> {
    const source = this.#connection(copy.source.registry);
    const target = this.#connection(copy.target.registry);
    let result: SyncResult = { did: 'nothing', why: 'image-gone' };
    for (let rounds = 1; rounds <= maxRounds; rounds++) {
      const digest = await resolve(source.reader, copy.source, { side: 'source', signal });
      if (digest === undefined || digest === result.digest) return result;
      // After a decision only the image that was decided on may go, whatever the tag names by now.
      if (copy.decided !== undefined && digest !== copy.decided)
        return result.did === 'copied' ? result : { did: 'nothing', why: 'tag-moved' };
      const transfer = await this.#transfer({ copy, source, target, digest, signal });
      result = resultOf(transfer, { digest, rounds, earlier: result });
    }
    return result;
  }

  async #transfer(move: Move): Promise<Transfer> {
    const { copy, source, target } = move;
    const origin = copy.method === 'copy' ? undefined : importOrigin(source.settings);
    if (target.importer === undefined || origin === undefined) return await stream(move);
    try {
      return await this.#import(move, origin);
    } catch (error) {
      if (copy.method === 'import' || !mayStreamInstead(error)) throw error;
      const streamed = await stream(move);
      return { ...streamed, figures: { ...streamed.figures, importRefused: error.message } };
    }
  }

  async #import(move: Move, origin: ImportSource): Promise<Transfer> {
    const { copy, source, target, digest, signal } = move;
    if (target.importer === undefined) throw new TypeError(`${copy.target.registry} cannot import`);
    const { imports, referrers } = await importImage({
      importer: target.importer,
      source: { client: source.reader, repository: copy.source.repository, digest, import: origin },
      target: { client: target.client, repository: copy.target.repository, tag: copy.target.tag },
      referrers: copy.referrers,
      signal,
    });
    if (imports > 0) await verify(move);
    return { how: 'imported', wrote: imports > 0, figures: { method: 'import', referrers } };
  }

  #connection(name: RegistryName): RegistryConnection {
    const connection = this.connections.get(name);
    if (connection === undefined) throw new TypeError(`no registry of the configuration is called ${name}`);
    return connection;
  }
}

async function stream({ copy, source, target, digest, signal }: Move): Promise<Transfer> {
  let tagsMoved = 0;
  const report = await copyImage({
    source: { client: source.reader, repository: copy.source.repository, digest },
    target: { client: target.client, repository: copy.target.repository, tags: [copy.target.tag] },
    referrers: copy.referrers,
    signal,
    onProgress: (progress) => {
      if (progress.step === 'tag' && progress.how === 'moved') tagsMoved += 1;
    },
  });
  const { bytes, blobsCopied, blobsMounted, blobsPresent, referrers } = report;
  return {
    how: 'copied',
    wrote: tagsMoved > 0 || report.manifests > 0,
    figures: { method: 'copy', referrers, bytes, blobsCopied, blobsMounted, blobsPresent },
  };
}

/** A job that Azure calls done may have been overtaken, and a tag may name what is not there. */
async function verify({ copy, target, digest, signal }: Move): Promise<void> {
  const named = await resolve(target.client, copy.target, { side: 'target', signal });
  if (named === digest) return;
  const shown = named === undefined ? 'nothing' : named;
  throw new OciError(
    `The target shows ${shown} under ${copy.target.repository}:${copy.target.tag} after the import of ${digest}; ` +
      'a target with quarantine shows it only to identities with the role AcrQuarantineReader.',
    { code: 'not-verified', operation: 'verify-import', side: 'target' },
  );
}

async function resolve(
  client: RegistryConnection['client'],
  { repository, tag }: Pick<TaggedImage, 'repository' | 'tag'>,
  { side, signal }: { side: CopySide; signal: AbortSignal },
): Promise<Digest | undefined> {
  try {
    return (await client.resolve(repository, tag, { signal }))?.digest;
  } catch (error) {
    throw error instanceof OciError ? error.at(side) : error;
  }
}

function mayStreamInstead(error: unknown): error is AcrImportError {
  return error instanceof AcrImportError && (error.code === 'not-importable' || error.code === 'timed-out');
}

function resultOf(
  { how, wrote, figures }: Transfer,
  { digest, rounds, earlier }: { digest: Digest; rounds: number; earlier: SyncResult },
): SyncResult {
  // An earlier round wrote, so this one is part of a copy even if somebody else had done it by then.
  if (!wrote && earlier.did === 'nothing') return { did: 'nothing', why: 'already-present', digest };
  const before = earlier.did === 'copied' ? earlier.figures : {};
  return { did: 'copied', how, digest, figures: { ...sumOf(before, figures), rounds } };
}

/** Figures of several rounds as one: numbers add up, words are the last round's. */
function sumOf(before: Partial<SyncFigures>, now: Transfer['figures']): Transfer['figures'] {
  const counted = ['referrers', 'bytes', 'blobsCopied', 'blobsMounted', 'blobsPresent'] as const;
  const sums = counted.flatMap((figure) => {
    const [earlier, later] = [before[figure], now[figure]];
    return earlier === undefined ? [] : [[figure, earlier + (later ?? 0)] as const];
  });
  return { ...now, ...Object.fromEntries(sums) };
}
