import type { RegistryEvent, RegistryName, RepositoryName } from '@pratique/contracts';
import type { CompiledRule } from '../compiled-rule.js';
import { listTags } from '../list-tags.js';
import { planTag, type SyncState } from '../plan-tag.js';
import type { TaggedImage } from '../planned-copy.js';
import {
  compareRepository,
  type CompareOptions,
  compareTag,
  connectionOf,
} from '../reconcile/compare-repository.js';
import { repositoriesOfRule } from '../reconcile/repositories-of-rule.js';
import { sweepTags } from '../sweep-tags.js';
import { needsSourceTags, planEvent } from '../sync-plan.js';
import { place, type PlanRow, rowOfComparison, rowOfRefusal } from './plan-row.js';

/** Says what would be done, and changes nothing: it reads the registries, as the planner and the reconciliation do. */
export class ExplainPlan {
  constructor(private readonly options: CompareOptions) {}

  /** What would follow on an event, for every rule of its registry. */
  async ofEvent(event: RegistryEvent): Promise<PlanRow[]> {
    const { rules, connections, signal } = this.options;
    const { registry, repository, tag } = event.data;
    const state = needsSourceTags(event, rules) ? await this.#stateOf(registry, repository) : {};
    const { copies, sweeps, refused } = planEvent(event, rules, state);
    const swept = await Promise.all(sweeps.map((sweep) => sweepTags(sweep, { rules, connections, signal })));
    const rows: PlanRow[] = [];
    for (const copy of [...copies, ...swept.flat()]) {
      const compared = await compareTag(copy, {}, this.options);
      const replaced = copy.decided !== undefined && compared.source !== copy.decided;
      const row = rowOfComparison(this.#rule(copy.rule), compared, { decided: true });
      rows.push(
        replaced
          ? {
              ...row,
              ...{ action: 'none', code: 'tag-moved' },
              reason: 'no longer names the image that was decided on',
            }
          : row,
      );
    }
    const source = place({ registry, repository, ...(tag !== undefined && { tag }) });
    return [...rows, ...refused.map((each) => rowOfRefusal(each, source))];
  }

  /** What every rule of its registry would do with a tag. */
  async ofTag({ registry, repository, tag }: TaggedImage): Promise<PlanRow[]> {
    const rows: PlanRow[] = [];
    for (const rule of this.options.rules.filter(({ from }) => from === registry)) {
      const state = rule.newest === undefined ? {} : await this.#stateOf(registry, repository);
      const planned = planTag(rule, { repository, tag }, { rules: this.options.rules, state });
      if (!Array.isArray(planned)) {
        rows.push(rowOfRefusal(planned, place({ registry, repository, tag })));
        continue;
      }
      for (const copy of planned)
        rows.push(rowOfComparison(rule, await compareTag(copy, {}, this.options), { decided: false }));
    }
    return rows;
  }

  /**
   * Everything that a rule would do, repository by repository.
   *
   * @param seen is told of every repository, with how many there are
   */
  async *ofRule(
    rule: CompiledRule,
    seen: (done: number, total: number) => void = () => undefined,
  ): AsyncGenerator<PlanRow> {
    const repositories = await repositoriesOfRule(rule, this.options);
    for (const [done, repository] of repositories.entries()) {
      seen(done, repositories.length);
      const { compared, refused } = await compareRepository(rule, repository, this.options);
      yield* compared.map((each) => rowOfComparison(rule, each, { decided: false }));
      yield* refused.map(({ tag, ...each }) =>
        rowOfRefusal(each, place({ registry: rule.from, repository, tag })),
      );
    }
  }

  #rule(name: string): CompiledRule {
    const rule = this.options.rules.find((each) => each.name === name);
    if (rule === undefined) throw new TypeError(`there is no rule ${name}`);
    return rule;
  }

  async #stateOf(registry: RegistryName, repository: RepositoryName): Promise<SyncState> {
    const source = connectionOf(this.options, registry);
    const { pace, signal } = this.options;
    await pace.turn(signal);
    return { sourceTags: await listTags(source, { repository, side: 'source' }, signal) };
  }
}
