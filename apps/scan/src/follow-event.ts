import { Logger } from '@nestjs/common';
import { type Outcome, outcomeOfEvent, type RegistryEvent } from '@pratique/contracts';
import { type Delivery, RetryLater } from '@pratique/messaging';
import type { RegistryConnection, RegistryConnections } from '@pratique/registry-access';
import { classifyFailure } from './classify-failure.js';
import { scanImage, type ScanResult } from './scan-image.js';
import { imageOf, outcomeOfFailure, outcomeOfRetention, type ScanOutcome } from './scan-outcome.js';
import type { ScanLimits } from './scan-limits.settings.js';
import type { Scanners } from './scanners/scanners.js';
import { decideScan, namesOf, type ScanPolicy } from './scan-policy.js';

export interface FollowEventOptions {
  policies: readonly ScanPolicy[];
  connections: RegistryConnections;
  outcomes: { publish(outcome: Outcome): Promise<void> };
  events: { publish(event: RegistryEvent): Promise<void> };
  limits: ScanLimits;
  scanners?: Scanners;
}

type Attempt = Pick<Delivery, 'lastAttempt' | 'signal'>;

/** Scans what an event is about, where a policy wants that, and tells how it ended. */
export class FollowEvent {
  readonly #logger = new Logger(FollowEvent.name);

  constructor(private readonly options: FollowEventOptions) {}

  /**
   * Resolves when the verdict has been acted on, told and passed on, in this order: a crash anywhere repeats what came
   * before, which changes nothing, and leaves nothing out.
   *
   * @throws RetryLater when the registry's trouble will pass
   */
  async follow(event: RegistryEvent, delivery: Attempt): Promise<void> {
    const connection = this.options.connections.get(event.data.registry);
    const quarantine = connection && connection.quarantine !== undefined;
    const decision = decideScan(event, { quarantine, policies: this.options.policies });
    if (decision.act === 'ignore') {
      this.#logger.debug({ msg: decision.message, event: event.id, subject: event.subject });
    } else if (decision.act === 'refuse' || connection === undefined) {
      await this.#tell(
        event,
        refusal(event, decision.act === 'refuse' ? decision.message : 'unknown registry'),
      );
    } else {
      await this.#tell(event, await this.#scan(event, { connection, policies: decision.policies, delivery }));
    }
  }

  async #scan(
    event: RegistryEvent,
    {
      connection,
      policies,
      delivery,
    }: { connection: RegistryConnection; policies: readonly ScanPolicy[]; delivery: Attempt },
  ): Promise<ScanResult> {
    const { signal, lastAttempt } = delivery;
    const { limits, scanners } = this.options;
    const started = performance.now();
    try {
      const result = await scanImage({ event, connection, policies, signal, limits, scanners });
      if (result.askAgain !== undefined && !lastAttempt) throw new RetryLater(result.askAgain);
      return result;
    } catch (error) {
      const failure = signal.aborted ? undefined : classifyFailure(error);
      if (failure === undefined) throw error;
      const { message, retryAfterMs } = failure;
      if (failure.retryable && !lastAttempt) throw new RetryLater(message, { retryAfterMs, cause: error });
      const durationMs = Math.round(performance.now() - started);
      return noVerdict(
        outcomeOfFailure(failure, { image: imageOf(event), rule: namesOf(policies), durationMs }),
      );
    }
  }

  async #tell(event: RegistryEvent, { outcomes, cleared }: ScanResult): Promise<void> {
    for (const outcome of outcomes) {
      await this.options.outcomes.publish(withEnvelope(event, outcome));
      const { message, reason, durationMs } = outcome.data;
      this.#logger.log({ msg: message, outcome: outcome.kind, reason, durationMs, event: event.id });
    }
    if (cleared !== undefined) await this.options.events.publish(cleared);
  }
}

/** Nobody may release the image, so that it waits until somebody writes a policy and has the event come again. */
function refusal(event: RegistryEvent, why: string): ScanResult {
  const image = imageOf(event);
  const failure = { reason: 'no-policy', severity: 'warning', message: why } as const;
  const told = outcomeOfFailure(failure, { image, durationMs: 0 });
  return { outcomes: [told, outcomeOfRetention(image, { status: 'error' })], cleared: undefined };
}

function noVerdict(outcome: ScanOutcome): ScanResult {
  return { outcomes: [outcome], cleared: undefined };
}

function withEnvelope(event: RegistryEvent, { kind, data }: ScanOutcome): Outcome {
  return outcomeOfEvent(kind, event, { service: 'scan', at: new Date(), data });
}
