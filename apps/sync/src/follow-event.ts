import { Logger } from '@nestjs/common';
import { outcomeOfEvent, type Outcome, type RegistryEvent, registryEventType } from '@pratique/contracts';
import { type Delivery, RetryLater } from '@pratique/messaging';
import type { RegistryConnections } from '@pratique/registry-access';
import { classifyFailure, type CopyFailure } from './classify-failure.js';
import type { CompiledRule } from './compiled-rule.js';
import { listTags } from './list-tags.js';
import type { SyncState } from './plan-tag.js';
import type { PlannedCopy } from './planned-copy.js';
import { sweepTags } from './sweep-tags.js';
import type { SyncImage } from './sync-image.js';
import { outcomeOfFailure, outcomeOfRefusal, outcomeOfResult, type SyncOutcome } from './sync-outcome.js';
import { needsSourceTags, planEvent } from './sync-plan.js';
import { mayBeTooEarly, nextLookMs } from './too-early.js';

export interface FollowEventOptions {
  rules: readonly CompiledRule[];
  connections: RegistryConnections;
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
    const { copies, refused } = await this.#plan(event, delivery.signal);
    const refusal = copies.length === 0 ? outcomeOfRefusal(event, refused) : undefined;
    if (refusal !== undefined) await this.#publish(event, refusal);
    // To several targets at once. Each ends by itself, so that one that fails cuts off no other.
    const ends = await Promise.allSettled(copies.map((copy) => this.#finish(event, copy, delivery)));
    const broken = ends.find((end) => end.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    const delayed = ends.flatMap((end) => (end.status === 'fulfilled' ? (end.value ?? []) : []));
    if (delayed.length > 0) throw retryLater(delayed);
  }

  async #plan(
    event: RegistryEvent,
    signal: AbortSignal,
  ): Promise<Pick<ReturnType<typeof planEvent>, 'copies' | 'refused'>> {
    const { rules, connections } = this.options;
    try {
      const { copies, sweeps, refused } = planEvent(event, rules, await this.#stateFor(event, signal));
      const swept = await Promise.all(
        sweeps.map((sweep) => sweepTags(sweep, { rules, connections, signal })),
      );
      return { copies: [...copies, ...swept.flat()], refused };
    } catch (error) {
      const failure = signal.aborted ? undefined : classifyFailure(error);
      throw failure?.retryable === true ? retryLater([failure]) : error;
    }
  }

  async #stateFor(event: RegistryEvent, signal: AbortSignal): Promise<SyncState> {
    const { rules, connections } = this.options;
    const { registry, repository } = event.data;
    const source = connections.get(registry);
    if (source === undefined || !needsSourceTags(event, rules)) return {};
    return { sourceTags: await listTags(source, { repository, side: 'source' }, signal) };
  }

  async #finish(event: RegistryEvent, copy: PlannedCopy, delivery: Attempt): Promise<Delay | undefined> {
    const ended = await this.#carryOut(event, copy, delivery);
    if (!('kind' in ended)) return ended;
    await this.#publish(event, ended);
    return undefined;
  }

  /** The outcome of a copy, or why it is too early for one. */
  async #carryOut(
    event: RegistryEvent,
    copy: PlannedCopy,
    { attempt, lastAttempt, signal }: Attempt,
  ): Promise<SyncOutcome | Delay> {
    const started = performance.now();
    const ended = (): Parameters<typeof outcomeOfResult>[1] => ({
      ...{ copy, told: event.data.digest, attempt },
      durationMs: Math.round(performance.now() - started),
    });
    // A tag that was just pushed may not be there yet: that is no reason to take its former image away.
    const mayDelete = event.type !== registryEventType.pushed || attempt > 1 || lastAttempt;
    try {
      const result = await this.options.syncImage.carryOut(copy, { signal, mayDelete });
      if (!lastAttempt && mayBeTooEarly(event, result, attempt)) return lookAgain(copy);
      return outcomeOfResult(result, ended());
    } catch (error) {
      const failure = signal.aborted ? undefined : classifyFailure(error);
      if (failure === undefined) throw error;
      return failure.retryable && !lastAttempt ? failure : outcomeOfFailure(failure, ended());
    }
  }

  async #publish(event: RegistryEvent, { kind, data }: SyncOutcome): Promise<void> {
    const outcome = outcomeOfEvent(kind, event, { service: 'sync', at: new Date(), data });
    await this.options.outcomes.publish(outcome);
    this.#logger.log({ msg: data.message, outcome: kind, reason: data.reason, event: event.id });
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
