import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Logger } from '@nestjs/common';
import {
  type OutcomeImage,
  type OutcomeOf,
  type OutcomeReason,
  outcomeWithoutEvent,
  type Severity,
} from '@pratique/contracts';
import type { OutcomePublisher } from '@pratique/messaging';
import { RefusalBudget } from './refusal-budget.js';

export interface RefusedDelivery {
  reason: OutcomeReason<'webhook.refused'>;
  /** The configured registry that was spoken for; absent when there is none of that name. */
  registry: string | undefined;
  /** Why, in words for a person; nothing of what was sent. */
  explanation: string;
  at: Date;
  /** Where it came from, as far as that can be known. */
  address?: string | undefined;
  image?: OutcomeImage;
  /** What tells this refusal from others, where the same delivery sent again should count once. */
  identity?: string;
  traceparent?: string | undefined;
}

const severityOf: Readonly<Record<OutcomeReason<'webhook.refused'>, Severity>> = {
  'unknown-registry': 'notice',
  'not-authenticated': 'warning',
  'repository-not-allowed': 'warning',
  malformed: 'warning',
  'too-large': 'warning',
  'unsupported-encoding': 'notice',
  'address-not-allowed': 'warning',
  'too-many-requests': 'warning',
  'too-many-attempts': 'warning',
};

// A person who stops the service on a laptop waits two seconds at most.
const shutdownPatienceMs = 1_000;

/**
 * Reports what was refused, as outcomes.
 *
 * It does not keep the sender waiting: a refusal is a refusal also while Event Hubs is away, and somebody who sends
 * nonsense must not be able to occupy the service with it.
 */
export class ReportRefusal implements BeforeApplicationShutdown {
  readonly #logger = new Logger(ReportRefusal.name);
  readonly #budget = new RefusalBudget();
  readonly #underWay = new Set<Promise<void>>();

  constructor(private readonly outcomes: Pick<OutcomePublisher, 'publish'>) {}

  report(refused: RefusedDelivery): void {
    const { reason, registry = '', at, address, explanation } = refused;
    const key = `${reason} ${registry}`;
    const suppressed = this.#budget.take(key, at);
    if (suppressed === undefined) return;
    this.#logger.warn({ msg: 'A webhook was refused', reason, registry, address, explanation, suppressed });
    const publishing = this.#publish(refusalOutcome(refused, suppressed), () =>
      this.#budget.giveBack(key, suppressed + 1),
    );
    this.#underWay.add(publishing);
    void publishing.finally(() => this.#underWay.delete(publishing));
  }

  /** Lets the reports that are under way arrive before the connections are closed, but does not wait for a hub that is away. */
  async beforeApplicationShutdown(): Promise<void> {
    const arrived = new AbortController();
    const reports = Promise.all(this.#underWay).finally(() => arrived.abort());
    const patience = delay(shutdownPatienceMs, undefined, { signal: arrived.signal }).catch(() => undefined);
    await Promise.race([reports, patience]);
  }

  async #publish(outcome: OutcomeOf<'webhook.refused'>, onFailure: () => void): Promise<void> {
    try {
      await this.outcomes.publish(outcome);
    } catch (error) {
      onFailure();
      this.#logger.error({ msg: 'A refusal could not be reported; the next report counts it', err: error });
    }
  }
}

function refusalOutcome(refused: RefusedDelivery, suppressed: number): OutcomeOf<'webhook.refused'> {
  const { reason, registry, explanation, at, image, traceparent, address, identity = randomUUID() } = refused;
  const who = registry === undefined ? 'A registry that is not configured' : `The registry ${registry}`;
  return outcomeWithoutEvent('webhook.refused', [registry ?? '', reason, identity], {
    service: 'ingress',
    at,
    traceparent,
    data: {
      severity: severityOf[reason],
      reason,
      message: `${who} sent a webhook that was refused: ${explanation}`,
      image,
      details: {
        ...(registry !== undefined && { registry }),
        ...(address !== undefined && { address }),
        suppressed,
      },
    },
  });
}
