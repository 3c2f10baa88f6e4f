import {
  type RegistryEvent,
  type RegistryEventName,
  registryEventType,
  type RegistryEventType,
} from '@pratique/contracts';
import type { CompiledRule } from './compiled-rule.js';
import { planTag, type Surroundings, type SyncState } from './plan-tag.js';
import type { PlannedCopy, PlannedSweep, RefusedRule, TaggedImage } from './planned-copy.js';
import { targetRepositoryOf } from './source-name.js';
import type { SyncRule } from './sync-rule.js';

export interface SyncPlan {
  copies: PlannedCopy[];
  sweeps: PlannedSweep[];
  refused: RefusedRule[];
}

const setsOff: Partial<Record<RegistryEventType, SyncRule['when']>> = {
  [registryEventType.pushed]: 'pushed',
  [registryEventType.cleared]: 'cleared',
  [registryEventType.approved]: 'approved',
};

/** Whether a plan depends on which other tags the event's repository has. */
export function needsSourceTags(event: RegistryEvent, rules: readonly CompiledRule[]): boolean {
  const { registry, repository, tag } = event.data;
  return rules.some(
    ({ from, when, newest, names }) =>
      newest !== undefined &&
      from === registry &&
      setsOff[event.type] === when &&
      tag !== undefined &&
      names.refusesRepository(repository) === undefined &&
      names.refusesTag(tag) === undefined,
  );
}

/**
 * Decides which copies and deletions an event leads to, and says for every other rule of its registry why it does not apply.
 *
 * A push without a tag leads to none: the children of an index and the referrers of an image are pushed by digest, and
 * they travel with what lists them. A deletion leads to none unless the rule says `delete: mirror`.
 */
export function planEvent(
  event: RegistryEvent,
  rules: readonly CompiledRule[],
  state: SyncState = {},
): SyncPlan {
  const plan: SyncPlan = { copies: [], sweeps: [], refused: [] };
  for (const rule of rules) {
    if (rule.from !== event.data.registry) continue;
    const refusal = refuses(rule, event);
    if (refusal !== undefined) plan.refused.push({ rule: rule.name, ...refusal });
    else if (event.data.tag === undefined) plan.sweeps.push(...sweepsOf(rule, event));
    else addTag(plan, { rule, event, rules, state });
  }
  return plan;
}

function addTag(
  plan: SyncPlan,
  { rule, event, ...around }: Surroundings & { rule: CompiledRule; event: RegistryEvent },
): void {
  const { repository, tag, digest } = event.data;
  if (tag === undefined) return;
  const gone = event.type === registryEventType.deleted;
  // Which tags are the newest does not matter to one that has gone.
  const planned = planTag(gone ? { ...rule, newest: undefined } : rule, { repository, tag }, around);
  if (!Array.isArray(planned)) {
    plan.refused.push(planned);
    return;
  }
  const decided = rule.when !== 'pushed' && !gone && digest !== undefined ? { decided: digest } : {};
  for (const copy of planned) {
    if (gone && copy.mirror === undefined) plan.refused.push(claimed(rule, copy.target));
    else plan.copies.push({ ...ordered(copy, event), ...decided });
  }
}

/** An operator's word lifts the bound. */
function ordered(copy: PlannedCopy, { data: { reconciled } }: RegistryEvent): PlannedCopy {
  if (copy.mirror === undefined || reconciled?.orderedBy === undefined) return copy;
  return { ...copy, mirror: { maxPerHour: Infinity } };
}

function refuses(rule: CompiledRule, event: RegistryEvent): Omit<RefusedRule, 'rule'> | undefined {
  const { repository, tag } = event.data;
  if (event.type === registryEventType.deleted) {
    if (rule.delete === 'keep')
      return { code: 'other-event', reason: 'keeps at the target what is deleted at the source' };
    return tag === undefined ? rule.names.refusesRepository(repository) : undefined;
  }
  if (setsOff[event.type] !== rule.when)
    return { code: 'other-event', reason: waitsFor(rule.when, event.type) };
  if (tag !== undefined) return undefined;
  const reason = 'copies tags, and an image without one travels with the index or image it belongs to';
  return rule.names.refusesRepository(repository) ?? { code: 'no-tag', reason };
}

function sweepsOf(rule: CompiledRule, { data }: RegistryEvent): PlannedSweep[] {
  const { registry, repository, digest } = data;
  const at = targetRepositoryOf(rule.as, repository);
  if (digest === undefined || at === undefined) return [];
  return rule.to.map((target) => ({
    rule: rule.name,
    source: { registry, repository },
    target: { registry: target, repository: at },
    digest,
  }));
}

function claimed({ name }: CompiledRule, { registry, repository, tag }: TaggedImage): RefusedRule {
  const reason = `does not delete ${registry} ${repository}:${tag}, which another rule may have brought there or may wait to be approved`;
  return { rule: name, code: 'claimed', reason };
}

function waitsFor(when: SyncRule['when'], type: RegistryEventType): string {
  const names = Object.entries(registryEventType) as [RegistryEventName, RegistryEventType][];
  const heard = names.find(([, known]) => known === type)?.[0] ?? type;
  return `waits until an image is ${when}, and this one was ${heard}`;
}
