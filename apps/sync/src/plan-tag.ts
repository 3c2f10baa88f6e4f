import type { Tag } from '@pratique/contracts';
import type { CompiledRule } from './compiled-rule.js';
import type { NameSelection } from './name-selection.js';
import { type ListedTag, newestTags } from './newest-tags.js';
import type { CopyManner, Mirror, PlannedCopy, RefusedRule, TaggedImage } from './planned-copy.js';
import { mayMake, sourceNameOf } from './source-name.js';
import { defaultDeletesPerHour, type NewestTags } from './sync-rule.js';
import { type NamedImage, renderTargetName } from './target-name.js';

/** What a plan has to know of the registries: for rules with `newest`, the tags of the image's repository. */
export interface SyncState {
  sourceTags?: readonly ListedTag[] | undefined;
}

export interface Surroundings {
  /** All rules: what one may take away depends on what the others bring. */
  rules: readonly CompiledRule[];
  state: SyncState;
}

/** What a rule does with one tag of its source, whatever has happened there: a copy to each target, or why none. */
export function planTag(
  rule: CompiledRule,
  image: NamedImage,
  { rules, state }: Surroundings,
): PlannedCopy[] | RefusedRule {
  const { repository, tag } = image;
  const unwanted =
    rule.names.refusesRepository(repository) ?? rule.names.refusesTag(tag) ?? refusesAge(rule, image, state);
  if (unwanted !== undefined) return { rule: rule.name, ...unwanted };
  const named = renderTargetName(rule.as, image);
  if ('problem' in named) {
    const reason = `would make a name that is none: ${named.problem}`;
    return { rule: rule.name, code: 'target-name', reason };
  }
  return rule.to.map((registry) => {
    const target = { registry, ...named };
    const mirror = mirrorOf(rule, target, rules);
    return {
      rule: rule.name,
      source: { registry: rule.from, repository, tag },
      target,
      ...(mirror !== undefined && { mirror }),
      manner: mannerOf(rule),
    };
  });
}

function refusesAge(
  rule: CompiledRule,
  { tag }: NamedImage,
  { sourceTags = [] }: SyncState,
): Omit<RefusedRule, 'rule'> | undefined {
  const { newest } = rule;
  if (newest === undefined) return undefined;
  if (newestOf(rule, newest, withTag(sourceTags, tag)).has(tag)) return undefined;
  const what = newest.by === 'version' ? 'newest versions' : 'tags that changed last';
  return { code: 'not-newest', reason: `takes the ${newest.count} ${what}, and this is none of them` };
}

// A listing is asked about once for each of its tags, and sorting it every time would take minutes for a large one.
const known = new WeakMap<readonly ListedTag[], Map<string, ReadonlySet<Tag>>>();

function newestOf(
  { name, names }: CompiledRule,
  newest: NewestTags,
  tags: readonly ListedTag[],
): ReadonlySet<Tag> {
  const byRule = known.get(tags) ?? new Map<string, ReadonlySet<Tag>>();
  known.set(tags, byRule);
  const taken =
    byRule.get(name) ??
    newestTags(
      tags.filter(({ tag }) => !names.refusesTag(tag)),
      newest,
    );
  byRule.set(name, taken);
  return taken;
}

/** A tag that was pushed may be younger than the listing; then nothing is newer. */
function withTag(tags: readonly ListedTag[], tag: Tag): readonly ListedTag[] {
  if (tags.some((listed) => listed.tag === tag)) return tags;
  return [...tags, { tag, updatedAt: '9999-12-31T23:59:59Z' }];
}

/** A tag that another rule may have brought to the target, or that somebody may have approved there, is not ours to take away. */
function mirrorOf(
  rule: CompiledRule,
  target: TaggedImage,
  rules: readonly CompiledRule[],
): Mirror | undefined {
  if (rule.delete !== 'mirror') return undefined;
  const others = rules.filter(({ name }) => name !== rule.name);
  if (others.some((other) => mayHaveBrought(other, target) || mayBeApprovedFor(other, target)))
    return undefined;
  return { maxPerHour: rule.maxDeletesPerHour ?? defaultDeletesPerHour };
}

function mayHaveBrought({ to, as, names }: CompiledRule, target: TaggedImage): boolean {
  if (!to.includes(target.registry) || !mayMake(as, target)) return false;
  const source = sourceNameOf(as, target);
  return source === undefined || takes(names, source);
}

/** What somebody approved at the target, to go on from there, stays there. */
function mayBeApprovedFor({ from, when, names }: CompiledRule, target: TaggedImage): boolean {
  return when === 'approved' && from === target.registry && takes(names, target);
}

function takes(names: NameSelection, { repository, tag }: NamedImage): boolean {
  return names.refusesRepository(repository) === undefined && names.refusesTag(tag) === undefined;
}

function mannerOf(rule: CompiledRule): CopyManner {
  const { referrers, method, overwrite, platforms, artifactTypes, concurrency, twoWay } = rule;
  return {
    ...{ referrers, method, overwrite, twoWay },
    ...(platforms !== undefined && { platforms }),
    ...(artifactTypes !== undefined && { artifactTypes }),
    ...(concurrency !== undefined && { concurrency }),
  };
}
