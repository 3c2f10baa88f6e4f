import { matcherOf } from '@pratique/config';
import {
  type Digest,
  type RegistryEvent,
  type RegistryEventName,
  registryEventType,
  type RegistryEventType,
  type RegistryName,
  type RepositoryName,
  type Tag,
} from '@pratique/contracts';
import type { SyncRule } from './sync-rule.js';
import { renderTargetName } from './target-name.js';

export interface TaggedImage {
  registry: RegistryName;
  repository: RepositoryName;
  tag: Tag;
}

/** One copy to carry out. */
export interface PlannedCopy {
  rule: string;
  source: TaggedImage;
  target: TaggedImage;
  /**
   * The image that was decided on, after `cleared` and `approved`: only these bytes may go. Absent after `pushed`, where
   * whatever the tag names by then is copied.
   */
  decided?: Digest;
  referrers: boolean;
  method: SyncRule['method'];
}

/** A rule that starts at the event's registry and does not apply. */
export interface RefusedRule {
  rule: string;
  /** `other-event`: the rule waits for another kind of event, and says nothing about this one. */
  code: 'other-event' | 'repository' | 'tag' | 'no-tag' | 'target-name';
  /** Follows on the rule's name: `takes the repositories …, and this is …`. */
  reason: string;
}

export interface SyncPlan {
  copies: PlannedCopy[];
  refused: RefusedRule[];
}

export type CompiledRule = SyncRule & {
  matchesRepository: (repository: string) => boolean;
  matchesTag: (tag: string) => boolean;
};

const setsOff: Partial<Record<RegistryEventType, SyncRule['when']>> = {
  [registryEventType.pushed]: 'pushed',
  [registryEventType.cleared]: 'cleared',
  [registryEventType.approved]: 'approved',
};

/** Compiles the rules' patterns, once for the life of the process. */
export function compileRules(rules: readonly SyncRule[]): CompiledRule[] {
  return rules.map((rule) => ({
    ...rule,
    matchesRepository: matcherOf(rule.repositories),
    matchesTag: matcherOf(rule.tags),
  }));
}

/**
 * Decides which copies an event leads to, and says for every other rule of its registry why it does not apply.
 *
 * An event without a tag leads to none: the children of an index and the referrers of an image are pushed by digest, and
 * they travel with what lists them. A deletion leads to none either, so that nothing disappears at a target because it
 * disappeared at the source.
 */
export function planCopies(event: RegistryEvent, rules: readonly CompiledRule[]): SyncPlan {
  const plan: SyncPlan = { copies: [], refused: [] };
  for (const rule of rules) {
    if (rule.from !== event.data.registry) continue;
    const result = applyRule(event, rule);
    if ('code' in result) plan.refused.push(result);
    else plan.copies.push(result);
  }
  return plan;
}

function applyRule(event: RegistryEvent, rule: CompiledRule): PlannedCopy | RefusedRule {
  const { registry, repository, tag, digest } = event.data;
  const refuse = (code: RefusedRule['code'], reason: string): RefusedRule => ({
    rule: rule.name,
    code,
    reason,
  });
  if (setsOff[event.type] !== rule.when) return refuse('other-event', waitsFor(rule.when, event.type));
  if (!rule.matchesRepository(repository))
    return refuse('repository', `takes the repositories ${list(rule.repositories)}`);
  if (tag === undefined)
    return refuse(
      'no-tag',
      'copies tags, and an image without one travels with the index or image it belongs to',
    );
  if (!rule.matchesTag(tag)) return refuse('tag', `takes the tags ${list(rule.tags)}`);
  const named = renderTargetName(rule.as, { repository, tag });
  if ('problem' in named) return refuse('target-name', `would make a name that is none: ${named.problem}`);
  return {
    rule: rule.name,
    source: { registry, repository, tag },
    target: { registry: rule.to, ...named },
    ...(rule.when !== 'pushed' && digest !== undefined && { decided: digest }),
    referrers: rule.referrers,
    method: rule.method,
  };
}

function waitsFor(when: SyncRule['when'], type: RegistryEventType): string {
  const names = Object.entries(registryEventType) as [RegistryEventName, RegistryEventType][];
  const heard = names.find(([, known]) => known === type)?.[0] ?? type;
  return `waits until an image is ${when}, and this one was ${heard}`;
}

// A message has 2,048 characters for all rules together.
const maxShownPatterns = 5;

function list(patterns: readonly string[]): string {
  const shown = patterns.slice(0, maxShownPatterns).join(', ');
  const more = patterns.length - maxShownPatterns;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
