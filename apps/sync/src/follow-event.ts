import { Logger } from '@nestjs/common';
import { outcomeOfEvent, type Outcome, type RegistryEvent } from '@pratique/contracts';
import { type Delivery, RetryLater } from '@pratique/messaging';
import { classifyFailure, type CopyFailure } from './classify-failure.js';
import type { SyncImage } from './sync-image.js';
import { outcomeOfFailure, outcomeOfRefusal, outcomeOfResult, type SyncOutcome } from './sync-outcome.js';
import { type CompiledRule, type PlannedCopy, planCopies } from './sync-plan.js';
import { mayBeTooEarly, nextLookMs } from './too-early.js';

export interface FollowEventOptions {
  rules: readonly CompiledRule[];
  syncImage: SyncImage;
  outcomes: { publish(outcome: Outcome): Promise<void> };
}

type Delay = Pick<CopyFailure, 'message' | 'retryAfterMs'>;

type Attempt = Pick<Delivery, 'attempt' | 'lastAttempt' | 'signal'>;

/** Does what the rules want after an event, and tells how it ended: one outcome for each copy. */
export class FollowEvent {
  readonly #logger = new Logger(FollowEvent.name);

  constructor(private readonly options: FollowEventOptions) {}

  /**
   * Resolves when every copy has ended and its outcome is published.
   *
   * @throws RetryLater when a copy failed for a reason that will pass. The copies that ended are not told again
   *   differently: their outcomes keep their ids
   */
  async follow(event: RegistryEvent, delivery: Attempt): Promise<void> {
    const { copies, refused } = planCopies(event, this.options.rules);
    const refusal = copies.length === 0 ? outcomeOfRefusal(event, refused) : undefined;
    if (refusal !== undefined) await this.#publish(event, refusal);
    const delayed: Delay[] = [];
    for (const copy of copies) {
      const ended = await this.#carryOut(event, copy, delivery);
      if ('kind' in ended) await this.#publish(event, ended);
      else delayed.push(ended);
    }
    if (delayed.length > 0) throw retryLater(delayed);
  }

  /** The outcome of a copy, or why it is too early for one. */
  async #carryOut(
    event: RegistryEvent,
    copy: PlannedCopy,
    { attempt, lastAttempt, signal }: Attempt,
  ): Promise<SyncOutcome | Delay> {
    const started = performance.now();
    const ended = (): { copy: PlannedCopy; durationMs: number; attempt: number } => ({
      copy,
      durationMs: Math.round(performance.now() - started),
      attempt,
    });
    try {
      const result = await this.options.syncImage.carryOut(copy, signal);
      if (!lastAttempt && mayBeTooEarly(event, result, attempt)) return lookAgain(copy);
      return outcomeOfResult(result, ended());
    } catch (error) {
      const failure = signal.aborted ? undefined : classifyFailure(error);
      if (failure === undefined) throw error;
      return failure.retryable && !lastAttempt ? failure : outcomeOfFailure(failure, ended());
    }
  }

  async #publish(event: RegistryEvent, { kind, data }: SyncOutcome): Promise<void> {
    await this.options.outcomes.publish(outcomeOf(event, { kind, data } as SyncOutcome));
    this.#logger.log({ msg: data.message, outcome: kind, reason: data.reason, event: event.id });
  }
}

function outcomeOf(event: RegistryEvent, { kind, data }: SyncOutcome): Outcome {
  const envelope = { service: 'sync', at: new Date() };
  switch (kind) {
    case 'sync.copied':
      return outcomeOfEvent(kind, event, { ...envelope, data });
    case 'sync.skipped':
      return outcomeOfEvent(kind, event, { ...envelope, data });
    case 'sync.failed':
      return outcomeOfEvent(kind, event, { ...envelope, data });
    default:
      return kind satisfies never;
  }
}

function lookAgain({ source: { registry, repository, tag } }: PlannedCopy): Delay {
  const message = `${registry} told of ${repository}:${tag} and does not show it yet.`;
  return { message, retryAfterMs: nextLookMs };
}

function retryLater(failures: readonly Delay[]): RetryLater {
  const waits = failures.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  return new RetryLater(failures.map(({ message }) => message).join(' '), {
    retryAfterMs: waits.length > 0 ? Math.max(...waits) : undefined,
  });
}
