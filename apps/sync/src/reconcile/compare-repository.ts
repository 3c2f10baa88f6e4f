import type { Digest, Reconciled, RepositoryName, Tag } from '@pratique/contracts';
import type { RegistryConnection, RegistryConnections } from '@pratique/registry-access';
import type { CompiledRule } from '../compiled-rule.js';
import { listTags } from '../list-tags.js';
import { digestAt } from '../move.js';
import type { ListedTag } from '../newest-tags.js';
import { planTag } from '../plan-tag.js';
import type { PlannedCopy, RefusedRule } from '../planned-copy.js';
import { contentOf } from '../select-content.js';
import { targetRepositoryOf } from '../source-name.js';
import { leftOver } from '../sweep-tags.js';
import { forEachAtMost } from './for-each-at-most.js';
import type { RequestPace } from './request-pace.js';

/** What a comparison says of one tag and one target. */
export interface ComparedTag {
  copy: PlannedCopy;
  state: Reconciled['found'] | 'same' | 'gone' | 'not-overwritten' | 'other-artifact' | 'other-platform';
  /** What the source's tag names; absent where it has gone. */
  source?: Digest;
  /** What the target's tag names. */
  target?: Digest;
  /** ISO 8601: when the source's tag was moved last, where its listing tells it. */
  updatedAt?: string;
}

export interface RepositoryComparison {
  /** Tags of the source. */
  tags: number;
  compared: ComparedTag[];
  /** Tags of the source that the rule does not take. */
  refused: (RefusedRule & { tag: Tag })[];
}

export interface CompareOptions {
  rules: readonly CompiledRule[];
  connections: RegistryConnections;
  pace: RequestPace;
  signal: AbortSignal;
}

/** Requests for single tags at the same time. */
const tagsAtOnce = 8;

/**
 * Compares a repository of a rule's source with its targets. Where the listings of both give digests, that is all that is asked
 * for: one request for a thousand tags of each. Elsewhere it is one request more for each tag of such a registry.
 *
 * @throws OciError with its side
 */
export async function compareRepository(
  rule: CompiledRule,
  repository: RepositoryName,
  options: CompareOptions,
): Promise<RepositoryComparison> {
  const source = connectionOf(options, rule.from);
  const listed = await listPaced(source, { repository, side: 'source' }, options);
  const result: RepositoryComparison = { tags: listed.length, compared: [], refused: [] };
  const byTag = new Map(listed.map((each) => [each.tag, each]));
  const planned: PlannedCopy[] = [];
  for (const { tag } of listed) {
    const plan = planTag(rule, { repository, tag }, { rules: options.rules, state: { sourceTags: listed } });
    if (Array.isArray(plan)) planned.push(...plan);
    else result.refused.push({ ...plan, tag });
  }
  for (const registry of rule.to) {
    const target = await listTarget(rule, { registry, repository }, options);
    const copies = planned.filter((copy) => copy.target.registry === registry);
    await forEachAtMost(copies, tagsAtOnce, async (copy) => {
      const ends = { source: byTag.get(copy.source.tag), target };
      result.compared.push(await compareTag(copy, ends, options));
    });
    result.compared.push(...findLeftOver(rule, { repository, listed, target }, options));
  }
  return result;
}

/** The tags of a target's repository; undefined where the rule spreads a repository over several. */
interface ListedTarget {
  registry: CompiledRule['from'];
  repository: RepositoryName | undefined;
  tags: ReadonlyMap<string, ListedTag> | undefined;
}

async function listTarget(
  rule: CompiledRule,
  { registry, repository }: { registry: CompiledRule['from']; repository: RepositoryName },
  options: CompareOptions,
): Promise<ListedTarget> {
  const at = targetRepositoryOf(rule.as, repository);
  if (at === undefined) return { registry, repository: undefined, tags: undefined };
  const tags = await listPaced(connectionOf(options, registry), { repository: at, side: 'target' }, options);
  return { registry, repository: at, tags: new Map(tags.map((each) => [each.tag, each])) };
}

/** Compares one tag with one target, as far as listings have not told it already. */
export async function compareTag(
  copy: PlannedCopy,
  ends: { source?: ListedTag | undefined; target?: ListedTarget },
  options: CompareOptions,
): Promise<ComparedTag> {
  const from = connectionOf(options, copy.source.registry);
  const to = connectionOf(options, copy.target.registry);
  const { pace, signal } = options;
  const look = async (side: 'source' | 'target'): Promise<Digest | undefined> => {
    const { repository, tag: reference } = copy[side];
    await pace.turn(signal);
    return await digestAt(side === 'source' ? from : to, { repository, reference }, { side, signal });
  };
  const source = ends.source?.digest ?? (await look('source'));
  const listed = ends.target?.tags;
  const absent = listed !== undefined && !listed.has(copy.target.tag);
  const target = absent ? undefined : (listed?.get(copy.target.tag)?.digest ?? (await look('target')));
  if (source === undefined) return goneAtSource(copy, target);
  const state = await stateOf(copy, { source, target, from }, options);
  const updatedAt = ends.source?.updatedAt;
  return {
    ...{ copy, state, source },
    ...(target !== undefined && { target }),
    ...(updatedAt !== undefined && { updatedAt }),
  };
}

/** It may have gone while we were looking; what follows is the business of the event that tells of it. */
function goneAtSource(copy: PlannedCopy, target: Digest | undefined): ComparedTag {
  if (target === undefined || copy.mirror === undefined) return { copy, state: 'gone' };
  return { copy, state: 'left-over', target };
}

async function stateOf(
  copy: PlannedCopy,
  { source, target, from }: { source: Digest; target: Digest | undefined; from: RegistryConnection },
  { pace, signal }: CompareOptions,
): Promise<ComparedTag['state']> {
  if (source === target) return 'same';
  if (copy.manner.artifactTypes !== undefined || copy.manner.platforms !== undefined) {
    await pace.turn(signal);
    const content = await contentOf({ copy, source: from, digest: source, signal });
    if ('nothing' in content) return content.nothing;
    if ('part' in content && content.part.digest === target) return 'same';
  }
  if (target === undefined) return 'missing';
  return copy.manner.overwrite === 'deny' ? 'not-overwritten' : 'different';
}

function findLeftOver(
  rule: CompiledRule,
  { repository, listed, target }: { repository: RepositoryName; listed: ListedTag[]; target: ListedTarget },
  { rules }: CompareOptions,
): ComparedTag[] {
  if (rule.delete === 'keep' || target.repository === undefined || target.tags === undefined) return [];
  const place = {
    source: { registry: rule.from, repository },
    target: { registry: target.registry, repository: target.repository },
  };
  const lists = { source: listed, target: [...target.tags.values()] };
  return leftOver(rule, place, { rules, lists }).map(({ copy, listed: { digest } }) => ({
    ...{ copy, state: 'left-over' },
    ...(digest !== undefined && { target: digest }),
  }));
}

async function listPaced(
  connection: RegistryConnection,
  place: Parameters<typeof listTags>[1],
  { pace, signal }: CompareOptions,
): Promise<ListedTag[]> {
  await pace.turn(signal);
  return await listTags(connection, place, signal);
}

/** @throws TypeError for a registry that is not in the configuration, which loading it has ruled out */
export function connectionOf(
  { connections }: Pick<CompareOptions, 'connections'>,
  name: CompiledRule['from'],
): RegistryConnection {
  const connection = connections.get(name);
  if (connection === undefined) throw new TypeError(`no registry of the configuration is called ${name}`);
  return connection;
}
