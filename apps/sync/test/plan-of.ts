import {
  decidedRegistryEvent,
  digestOf,
  heardRegistryEvent,
  type RegistryEvent,
  RegistryName,
  RepositoryName,
  Tag,
} from '@pratique/contracts';
import type { z } from 'zod';
import { type CompiledRule, compileRules } from '../src/compiled-rule.js';
import type { SyncState } from '../src/plan-tag.js';
import { planEvent, type SyncPlan } from '../src/sync-plan.js';
import { SyncRule } from '../src/sync-rule.js';

type RuleText = z.input<typeof SyncRule>;

export const digest = digestOf('image');

export function planOf(event: RegistryEvent, ...rules: Partial<RuleText>[]): SyncPlan {
  return planEvent(event, compiled(rules));
}

export function planOfState(state: SyncState, event: RegistryEvent, ...rules: Partial<RuleText>[]): SyncPlan {
  return planEvent(event, compiled(rules), state);
}

export function compiled(rules: Partial<RuleText>[]): CompiledRule[] {
  const texts = rules.map((rule, index) => ({
    name: `rule-${index}`,
    from: 'vendor',
    to: 'customer',
    repositories: ['**'],
    when: 'pushed' as const,
    ...rule,
  }));
  return compileRules(texts.map((text) => SyncRule.parse(text)));
}

interface EventText {
  registry?: string;
  repository?: string;
  tag?: string | undefined;
}

export function heard(name: 'pushed' | 'deleted' | 'quarantined', text: EventText = {}): RegistryEvent {
  const { registry = 'vendor', repository = 'tripinsights/web' } = text;
  const tag = 'tag' in text ? text.tag : '1.2';
  return heardRegistryEvent({
    name,
    identity: ['delivery-1'],
    data: {
      registry: RegistryName.parse(registry),
      repository: RepositoryName.parse(repository),
      ...(tag !== undefined && { tag: Tag.parse(tag) }),
      digest,
      occurredAt: '2026-11-22T10:00:00Z',
      receivedAt: '2026-11-22T10:00:01Z',
    },
  });
}

export function decided(name: 'cleared' | 'approved', text: EventText = {}): RegistryEvent {
  const { data, ...cause } = heard('pushed', text);
  return decidedRegistryEvent(name, { ...cause, data } as RegistryEvent, {
    ...data,
    digest,
    decidedBy: 'somebody',
  });
}
