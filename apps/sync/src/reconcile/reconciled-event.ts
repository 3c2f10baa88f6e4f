import { heardRegistryEvent, type Reconciled, type RegistryEvent } from '@pratique/contracts';
import type { ComparedTag } from './compare-repository.js';

export interface Finding extends ComparedTag {
  state: Reconciled['found'];
}

export interface FindingContext {
  at: Date;
  /**
   * What tells this run from others. Runs of several workers in the same interval have the same, so that what they find twice
   * is one event.
   */
  run: string;
  orderedBy?: string | undefined;
}

export function isFinding(compared: ComparedTag): compared is Finding {
  return ['missing', 'different', 'left-over'].includes(compared.state);
}

/** The event that a registry should have sent, with the mark of who found it. */
export function reconciledEvent(finding: Finding, { at, run, orderedBy }: FindingContext): RegistryEvent {
  const { copy, state, source, target, updatedAt } = finding;
  const { registry, repository, tag } = copy.source;
  const gone = state === 'left-over';
  const now = at.toISOString();
  const moment = gone ? NaN : Date.parse(updatedAt ?? '');
  return heardRegistryEvent({
    name: gone ? 'deleted' : 'pushed',
    identity: ['reconciled', run, repository, tag, source ?? '', target ?? ''],
    data: {
      ...{ registry, repository, tag },
      ...(source !== undefined && { digest: source }),
      occurredAt: Number.isNaN(moment) ? now : new Date(moment).toISOString(),
      receivedAt: now,
      reconciled: {
        ...{ rule: copy.rule, target: copy.target.registry, found: state, at: now },
        ...(orderedBy !== undefined && { orderedBy }),
      },
    },
  });
}
