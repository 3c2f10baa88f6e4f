import { formatImage, type OutcomeOf, type RegistryEvent } from '@pratique/contracts';
import type { CopyFailure } from './classify-failure.js';
import type { SyncResult } from './sync-image.js';
import type { PlannedCopy, RefusedRule, TaggedImage } from './sync-plan.js';

type DataOf<K extends 'sync.copied' | 'sync.skipped' | 'sync.failed'> = OutcomeOf<K>['data'];

/** An outcome before it has its envelope. */
export type SyncOutcome =
  | { kind: 'sync.copied'; data: DataOf<'sync.copied'> }
  | { kind: 'sync.skipped'; data: DataOf<'sync.skipped'> }
  | { kind: 'sync.failed'; data: DataOf<'sync.failed'> };

export interface Ended {
  copy: PlannedCopy;
  /** Milliseconds. */
  durationMs: number;
  /** 1 for the first delivery of the event. */
  attempt: number;
}

// The contract's limit; a message that is longer would not be published at all.
const maxMessage = 2048;

/** What to tell of a copy that came to an end, whether there was anything to do or not. */
export function outcomeOfResult(result: SyncResult, ended: Ended): SyncOutcome {
  const { copy, attempt } = ended;
  const base = baseOf(ended, result.digest);
  const [from, to] = [place(copy.source), place(copy.target)];
  if (result.did === 'copied') {
    const message = `Copied ${from} (${result.digest}) to ${to}, ${result.how === 'imported' ? 'by import' : 'by streaming'}.`;
    return {
      kind: 'sync.copied',
      data: { ...base, severity: 'info', reason: result.how, message, details: { ...result.figures } },
    };
  }
  if (result.why !== 'already-present') {
    return {
      kind: 'sync.skipped',
      data: { ...base, severity: 'notice', reason: result.why, message: gone(copy, result.why) },
    };
  }
  // An earlier attempt at this very event may have been cut off between the copy and its outcome.
  if (attempt > 1) {
    const message = `${to} holds ${from} (${result.digest}) since an earlier attempt at this event.`;
    return { kind: 'sync.copied', data: { ...base, severity: 'info', reason: 'completed-earlier', message } };
  }
  const message = `${to} holds ${from} (${result.digest}) already.`;
  return { kind: 'sync.skipped', data: { ...base, severity: 'info', reason: 'already-present', message } };
}

/** What to tell of a copy that failed for good. */
export function outcomeOfFailure(failure: CopyFailure, ended: Ended): SyncOutcome {
  const { copy, attempt } = ended;
  const { reason, severity, side, code } = failure;
  const message = clip(`${place(copy.source)} was not copied to ${place(copy.target)}: ${failure.message}`);
  const details = { code, attempts: attempt, ...(side !== undefined && { side }) };
  return { kind: 'sync.failed', data: { ...baseOf(ended), severity, reason, message, details } };
}

/**
 * What to tell of an event that no rule applies to, with the reason for each rule. Nothing where every rule waits for
 * another kind of event, or where the event names no tag: its image travels with what lists it.
 */
export function outcomeOfRefusal(
  event: RegistryEvent,
  refused: readonly RefusedRule[],
): SyncOutcome | undefined {
  const telling = refused.filter(({ code }) => code !== 'other-event' && code !== 'no-tag');
  if (telling.length === 0) return undefined;
  const { registry, repository, tag, digest } = event.data;
  const reasons = telling.map(({ rule, reason }) => `${rule} ${reason}`).join('; ');
  const message = clip(`${registry} ${formatImage({ repository, tag, digest })} was not copied: ${reasons}.`);
  return {
    kind: 'sync.skipped',
    data: {
      severity: 'notice',
      reason: 'no-rule-matches',
      message,
      image: { registry, repository, tag, digest },
    },
  };
}

function baseOf(
  { copy, durationMs }: Ended,
  digest?: SyncResult['digest'],
): Pick<DataOf<'sync.copied'>, 'image' | 'target' | 'rule' | 'durationMs'> {
  const named = digest === undefined ? {} : { digest };
  return {
    image: { ...copy.source, ...named },
    target: { ...copy.target, ...named },
    rule: copy.rule,
    durationMs,
  };
}

function gone({ source, decided }: PlannedCopy, why: 'image-gone' | 'tag-moved'): string {
  if (why === 'image-gone' || decided === undefined)
    return `${place(source)} is no longer there, so there is nothing to copy.`;
  return `${place(source)} no longer names ${decided}, the image that was decided on, so it was not copied.`;
}

function place({ registry, repository, tag }: TaggedImage): string {
  return `${registry} ${repository}:${tag}`;
}

function clip(message: string): string {
  return message.length > maxMessage ? `${message.slice(0, maxMessage - 1)}…` : message;
}
