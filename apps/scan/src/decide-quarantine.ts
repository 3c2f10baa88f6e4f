import type { AcrQuarantine } from '@pratique/acr';
import type { Digest, RepositoryName } from '@pratique/contracts';
import type { Verdict } from './verdict.js';

export interface QuarantineDecision {
  quarantine: Pick<AcrQuarantine, 'release' | 'retain'>;
  repository: RepositoryName;
  verdict: Verdict;
  /** The verdict on each manifest, children before those that name them. */
  manifests: ReadonlyMap<Digest, Verdict>;
  /** Why, in a sentence. */
  message: string;
  signal: AbortSignal;
}

/** `gone`: part of the image was deleted meanwhile, and what is left of it was not released. */
export type QuarantineResult = 'released' | 'retained' | 'gone';

// Azure's schema bounds the description.
const maxDescription = 1024;

/**
 * Lifts the quarantine of an image, or says in the registry why it stays.
 *
 * Each manifest has a state of its own. The image itself is last: while a child is closed, so is what names it, and a
 * crash in between leaves it closed. Where the image does not pass, children that do are left to their own events, for
 * nothing of a refused image is to be opened on its account.
 */
export async function decideQuarantine(decision: QuarantineDecision): Promise<QuarantineResult> {
  const { quarantine, repository, verdict, manifests, signal } = decision;
  // A check that broke has no opinion, so nothing is said about the image.
  if (verdict.status === 'error') return 'retained';
  const passed = verdict.status === 'passed';
  const change = { details: detailsOf(decision), signal };
  for (const [digest, { status }] of manifests) {
    if (!passed && status === 'passed') continue;
    const result = passed
      ? await quarantine.release(repository, digest, change)
      : await quarantine.retain(repository, digest, change);
    if (result === 'gone') return 'gone';
  }
  return passed ? 'released' : 'retained';
}

function detailsOf({
  verdict,
  message,
}: QuarantineDecision): Parameters<AcrQuarantine['release']>[2]['details'] {
  return {
    state: `scan ${verdict.status}`,
    result: { version: '1', summary: [], description: message.slice(0, maxDescription).toWellFormed() },
  };
}
