import type { RegistryConnections } from '@pratique/registry-access';
import { isBackupTag } from './back-up-tag.js';
import type { CompiledRule } from './compiled-rule.js';
import { listTags } from './list-tags.js';
import { digestAt } from './move.js';
import type { ListedTag } from './newest-tags.js';
import { planTag } from './plan-tag.js';
import type { PlannedCopy, PlannedSweep } from './planned-copy.js';
import { sourceNameOf } from './source-name.js';

interface Lists {
  /** Everything that is in the source's repository now. */
  source: readonly ListedTag[];
  target: readonly ListedTag[];
}

/**
 * The tags of a target that a mirroring rule expects at the source and that are not there. What the rule would not copy, what
 * other rules may have brought and what was backed up is none of its business.
 */
export function leftOver(
  rule: CompiledRule,
  place: Pick<PlannedSweep, 'source' | 'target'>,
  { rules, lists }: { rules: readonly CompiledRule[]; lists: Lists },
): { copy: PlannedCopy; listed: ListedTag }[] {
  const there = new Set<string>(lists.source.map(({ tag }) => tag));
  return lists.target.flatMap((listed) => {
    if (isBackupTag(listed.tag)) return [];
    const image = sourceNameOf(rule.as, { repository: place.target.repository, tag: listed.tag });
    if (image === undefined || image.repository !== place.source.repository || there.has(image.tag))
      return [];
    const planned = planTag({ ...rule, newest: undefined }, image, { rules, state: {} });
    if (!Array.isArray(planned)) return [];
    const copy = planned.find(({ target }) => target.registry === place.target.registry);
    return copy?.mirror === undefined ? [] : [{ copy, listed }];
  });
}

/** Finds the tags of a manifest that was deleted at the source by its digest. */
export async function sweepTags(
  sweep: PlannedSweep,
  around: { rules: readonly CompiledRule[]; connections: RegistryConnections; signal: AbortSignal },
): Promise<PlannedCopy[]> {
  const { rules, connections, signal } = around;
  const rule = rules.find(({ name }) => name === sweep.rule);
  const [source, target] = [sweep.source, sweep.target].map(({ registry }) => connections.get(registry));
  if (rule === undefined || source === undefined || target === undefined)
    throw new TypeError(`the rule ${sweep.rule} or one of its registries is not known`);
  const lists = {
    source: await listTags(source, { repository: sweep.source.repository, side: 'source' }, signal),
    target: await listTags(target, { repository: sweep.target.repository, side: 'target' }, signal),
  };
  const found: PlannedCopy[] = [];
  for (const { copy, listed } of leftOver(rule, sweep, { rules, lists })) {
    const { repository, tag: reference } = copy.target;
    const digest =
      listed.digest ?? (await digestAt(target, { repository, reference }, { side: 'target', signal }));
    // Where platforms were left out, the target has another digest.
    if (digest === sweep.digest || rule.platforms !== undefined) found.push(copy);
  }
  return found;
}
