import {
  type Digest,
  formatImage,
  type OutcomeOf,
  type RegistryEvent,
  type Severity,
} from '@pratique/contracts';
import type { CopyFailure } from './classify-failure.js';
import type { PlannedCopy, RefusedRule, TaggedImage } from './planned-copy.js';
import type { Copied, Deleted, Nothing, SyncResult } from './sync-image.js';

type SyncKind = 'sync.copied' | 'sync.skipped' | 'sync.deleted' | 'sync.superseded' | 'sync.failed';
type DataOf<K extends SyncKind> = OutcomeOf<K>['data'];

/** An outcome before it has its envelope. */
export type SyncOutcome = { [K in SyncKind]: { kind: K; data: DataOf<K> } }[SyncKind];

export interface Ended {
  copy: PlannedCopy;
  /** The image that the event told of. */
  told: Digest | undefined;
  /** Milliseconds. */
  durationMs: number;
  /** 1 for the first delivery of the event. */
  attempt: number;
}

// The contract's limit; a message that is longer would not be published at all.
const maxMessage = 2048;

/** What to tell of a copy that came to an end, whether there was anything to do or not. */
export function outcomeOfResult(result: SyncResult, ended: Ended): SyncOutcome {
  if (result.did === 'copied') return copied(result, ended);
  return result.did === 'deleted' ? deleted(result, ended) : nothing(result, ended);
}

function copied(result: Copied, ended: Ended): SyncOutcome {
  const [from, to] = ends(ended);
  const { how, digest, at, before, backup, figures } = result;
  const part = digest === at ? '' : `, as ${at} since platforms were left out`;
  const kept = backup === undefined ? '' : ` What it named before is kept as ${backup}.`;
  const by = how === 'imported' ? 'by import' : 'by streaming';
  return {
    kind: 'sync.copied',
    data: {
      ...baseOf(ended, digest, at),
      ...{ severity: 'info', reason: how },
      message: `Copied ${from} (${digest}) to ${to}${part}, ${by}.${kept}`,
      details: {
        ...figures,
        ...(before !== undefined && { before }),
        ...(backup !== undefined && { backup }),
      },
    },
  };
}

function deleted({ before }: Deleted, ended: Ended): SyncOutcome {
  const [from, to] = ends(ended);
  const message = `Deleted ${to} (${before}), because ${from} is no longer there.`;
  return {
    kind: 'sync.deleted',
    data: {
      ...baseOf(ended),
      ...{ severity: 'notice', reason: 'gone-at-source', message, details: { before } },
    },
  };
}

function nothing(result: Nothing, ended: Ended): SyncOutcome {
  if (result.why === 'already-present') return present(result, ended);
  const [from] = ends(ended);
  if (result.why === 'tag-moved') {
    const { decided } = ended.copy;
    const message = `${from} no longer names ${decided}, the image that was decided on, so it was not copied.`;
    return {
      kind: 'sync.superseded',
      data: { ...baseOf(ended), severity: 'notice', reason: 'tag-moved', message },
    };
  }
  const { severity, message } = skipped(result, ended);
  const details = 'before' in result ? { details: { before: result.before } } : {};
  return {
    kind: 'sync.skipped',
    data: { ...baseOf(ended, result.digest), severity, reason: result.why, message, ...details },
  };
}

function present({ digest, at }: Extract<Nothing, { why: 'already-present' }>, ended: Ended): SyncOutcome {
  const [from, to] = ends(ended);
  const base = baseOf(ended, digest, at);
  // An earlier attempt at this very event may have been cut off between the copy and its outcome.
  if (ended.attempt > 1) {
    const message = `${to} holds ${from} (${digest}) since an earlier attempt at this event.`;
    return { kind: 'sync.copied', data: { ...base, severity: 'info', reason: 'completed-earlier', message } };
  }
  if (ended.told !== undefined && ended.told !== digest) {
    const message = `${from} names ${digest} by now, which ${to} holds already; ${ended.told} was not copied.`;
    return {
      kind: 'sync.superseded',
      data: { ...base, severity: 'info', reason: 'newer-image-present', message },
    };
  }
  const message = `${to} holds ${from} (${digest}) already.`;
  return { kind: 'sync.skipped', data: { ...base, severity: 'info', reason: 'already-present', message } };
}

function skipped(
  result: Exclude<Nothing, { why: 'already-present' | 'tag-moved' }>,
  ended: Ended,
): { severity: Severity; message: string } {
  const [from, to] = ends(ended);
  const { rule } = ended.copy;
  switch (result.why) {
    case 'image-gone':
      return { severity: 'notice', message: `${from} is no longer there, so there is nothing to copy.` };
    case 'overwrite-denied':
      return {
        severity: 'warning',
        message: `${to} names ${result.before}, and the rule ${rule} overwrites nothing, so ${from} (${result.digest}) was not copied.`,
      };
    case 'other-artifact':
      return { severity: 'info', message: `${from} is of none of the artifact types that ${rule} takes.` };
    case 'other-platform':
      return { severity: 'info', message: `${from} is for none of the platforms that ${rule} keeps.` };
    case 'delete-bound-reached':
      return {
        severity: 'warning',
        message:
          `${to} (${result.before}) was not deleted, although ${from} is no longer there: ${rule} has deleted as many tags as it ` +
          `may in an hour. Give the word with: pratique reconcile --rule ${rule} --delete`,
      };
    default:
      return result satisfies never;
  }
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
  digest?: Digest,
  at = digest,
): Pick<DataOf<'sync.copied'>, 'image' | 'target' | 'rule' | 'durationMs'> {
  return {
    image: { ...copy.source, ...(digest !== undefined && { digest }) },
    target: { ...copy.target, ...(at !== undefined && { digest: at }) },
    rule: copy.rule,
    durationMs,
  };
}

function ends({ copy }: Ended): [from: string, to: string] {
  return [place(copy.source), place(copy.target)];
}

function place({ registry, repository, tag }: TaggedImage): string {
  return `${registry} ${repository}:${tag}`;
}

function clip(message: string): string {
  return message.length > maxMessage ? `${message.slice(0, maxMessage - 1)}…` : message;
}
