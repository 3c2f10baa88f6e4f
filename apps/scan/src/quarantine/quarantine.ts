import type { Digest, RepositoryName, Tag } from '@pratique/contracts';
import type { Verdict } from '../verdict.js';

export interface QuarantineDecision {
  /** In which the image waits. */
  repository: RepositoryName;
  digest: Digest;
  /** Under which it arrived, where that is known. */
  tag?: Tag | undefined;
  verdict: Verdict;
  /** The verdict on each manifest, children before those that name them. */
  manifests: ReadonlyMap<Digest, Verdict>;
  /** Why, in a sentence. */
  message: string;
  signal: AbortSignal;
}

/** `gone`: part of the image was deleted meanwhile, and what is left of it was not released. */
export type QuarantineResult = 'released' | 'retained' | 'gone';

/** `waiting`: nobody has said anything about the image yet. */
export type Standing = 'released' | 'refused' | 'waiting' | 'absent';

export interface QuarantinedImage {
  repository: RepositoryName;
  digest: Digest;
  signal: AbortSignal;
}

/**
 * Where images wait for their verdict: in a registry that has a quarantine of its own, or in a repository that nobody but
 * Pratique pulls from. Everything here may be repeated.
 *
 * Each method fails with an OciError, or with the signal's reason.
 */
export interface Quarantine {
  /** Which event tells that an image has arrived. */
  readonly announcedBy: 'quarantined' | 'pushed';
  /** The name under which clients and policies know the images of a repository; undefined where none waits in it. */
  destination(repository: RepositoryName): RepositoryName | undefined;
  /** Lifts the quarantine of an image, or says why it stays. */
  decide(decision: QuarantineDecision): Promise<QuarantineResult>;
  /** Lets everybody read what we have attached to an image ourselves. */
  admit(artifact: QuarantinedImage): Promise<void>;
  /** How an image stands, whoever decided it. */
  standing(image: QuarantinedImage): Promise<Standing>;
}

/** Whether a verdict may release an image: it stands for that digest, and so does one for everything that it reaches. */
export function mayRelease({
  digest,
  verdict,
  manifests,
}: Pick<QuarantineDecision, 'digest' | 'verdict' | 'manifests'>): boolean {
  return (
    verdict.status === 'passed' &&
    manifests.get(digest)?.status === 'passed' &&
    [...manifests.values()].every(({ status }) => status === 'passed')
  );
}
