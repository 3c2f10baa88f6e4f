import { setTimeout as wait } from 'node:timers/promises';
import type { RegistryEvent, RegistryName, RepositoryName } from '@pratique/contracts';
import { OciError } from '@pratique/oci';
import type { RegistryConnections } from '@pratique/registry-access';
import type { CompiledRule } from '../compiled-rule.js';
import { compareRepository, type CompareOptions, type RepositoryComparison } from './compare-repository.js';
import { Announcements } from './announcements.js';
import { type Finding, type FindingContext, isFinding, reconciledEvent } from './reconciled-event.js';
import type { ReconcileSettings } from './reconcile.settings.js';
import { lasts } from './lasts.js';
import { repositoriesOfRule } from './repositories-of-rule.js';
import { RequestPace } from './request-pace.js';
import { countComparison, newSummary, type ReconcileSummary } from './reconcile-summary.js';

export interface ReconcileOptions {
  rules: readonly CompiledRule[];
  connections: RegistryConnections;
  events: { publish(events: readonly RegistryEvent[]): Promise<void> };
  settings: Pick<ReconcileSettings, 'settleSeconds' | 'requestsPerSecond' | 'maxEvents'>;
}

export interface RunOptions {
  /** Only rules from this registry, or of this name. */
  registry?: RegistryName | undefined;
  rule?: string | undefined;
  /** What tells this run from others: the interval, or something of its own. */
  run: string;
  /** An operator who takes responsibility for deletions beyond what rules may do by themselves. */
  orderedBy?: string | undefined;
  signal: AbortSignal;
  onProgress?: (summary: ReconcileSummary) => void;
}

const eventsAtOnce = 100;
// One sentence for each of thousands of repositories says no more than one for some of them.
const maxFailures = 100;

/**
 * Compares the sources of rules with their targets, and publishes the events that should have come: whoever follows events does
 * the rest, so this is safe beside them.
 */
export class Reconcile {
  readonly #announcements = new Announcements();
  /** Where the next run begins, for rules that could not be compared to the end. */
  readonly #unfinished = new Map<string, RepositoryName>();

  constructor(private readonly options: ReconcileOptions) {}

  /** @throws the signal's reason, and what publishing throws; what goes wrong at a registry stands in the summary */
  async run(run: RunOptions): Promise<ReconcileSummary> {
    const started = performance.now();
    const { rules, connections, settings } = this.options;
    const summary = newSummary();
    const pace = new RequestPace(settings.requestsPerSecond);
    const compare: CompareOptions = { rules, connections, pace, signal: run.signal };
    const report = (): void => {
      Object.assign(summary, { requests: pace.count, durationMs: Math.round(performance.now() - started) });
      run.onProgress?.(summary);
    };
    const chosen = rules.filter(
      ({ name, from }) => (run.rule ?? name) === name && (run.registry ?? from) === from,
    );
    const work: Work = { run, compare, summary, report };
    const listed = [];
    for (const rule of chosen) listed.push({ rule, repositories: await this.#repositories(rule, work) });
    for (const { rule, repositories } of listed) {
      const findings = await this.#compareRule(rule, repositories, work);
      summary.published += await this.#announce(findings, work);
      summary.rules += 1;
      report();
    }
    return summary;
  }

  async #repositories(rule: CompiledRule, work: Work): Promise<RepositoryName[]> {
    const found = await this.#trying(rule, work, () => repositoriesOfRule(rule, work.compare));
    if (!Array.isArray(found)) return [];
    work.summary.expected += found.length;
    work.report();
    return this.#inTurn(rule, found);
  }

  async #compareRule(
    rule: CompiledRule,
    repositories: readonly RepositoryName[],
    work: Work,
  ): Promise<Finding[]> {
    const { compare, summary, report } = work;
    const findings: Finding[] = [];
    for (const repository of repositories) {
      const comparison = await this.#trying({ ...rule, repository }, work, () =>
        compareRepository(rule, repository, compare),
      );
      if (comparison === 'later') break;
      if (comparison === 'never') continue;
      countComparison(summary, comparison);
      findings.push(...this.#withoutRisk(rule, comparison, work));
      report();
    }
    return findings;
  }

  /** A repository that cannot be compared must not keep the others from their turn; a registry that is away ends it for now. */
  async #trying<T>(
    { name, repository }: Pick<CompiledRule, 'name'> & { repository?: RepositoryName },
    { run, summary }: Work,
    attempt: () => Promise<T>,
  ): Promise<T | 'never' | 'later'> {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof OciError) || run.signal.aborted) throw error;
      const { code, message, retryAfterMs = 0 } = error;
      if (summary.failures.length < maxFailures)
        summary.failures.push({ rule: name, code, message, ...(repository !== undefined && { repository }) });
      summary.retryAfterMs = Math.max(summary.retryAfterMs, retryAfterMs);
      if (!error.retryable) return 'never';
      if (repository !== undefined) this.#unfinished.set(name, repository);
      return 'later';
    }
  }

  /** Beginning where the last run could not go on. */
  #inTurn({ name }: CompiledRule, repositories: RepositoryName[]): RepositoryName[] {
    const last = this.#unfinished.get(name);
    this.#unfinished.delete(name);
    const start = last === undefined ? -1 : repositories.indexOf(last);
    return start < 0 ? repositories : [...repositories.slice(start), ...repositories.slice(0, start)];
  }

  /** A source that shows no tag at all may be broken or hidden from us: nothing is deleted for it without an operator's word. */
  #withoutRisk(
    { name, from }: CompiledRule,
    { tags, compared }: RepositoryComparison,
    { run, summary }: Work,
  ): Finding[] {
    const found = compared.filter(isFinding);
    const risky = found.filter(({ state }) => state === 'left-over');
    if (tags > 0 || risky.length === 0 || run.orderedBy !== undefined) return found;
    summary.held.push({ rule: name, registry: from, tags: risky.length });
    return found.filter(({ state }) => state !== 'left-over');
  }

  async #announce(findings: readonly Finding[], { run, compare, summary }: Work): Promise<number> {
    const { settings, rules } = this.options;
    const fresh = findings.filter((finding) => this.#announcements.isNew(finding, rules));
    const some = fresh.slice(0, settings.maxEvents - summary.published);
    summary.postponed += fresh.length - some.length;
    if (some.length === 0) return 0;
    if (settings.settleSeconds > 0)
      await wait(settings.settleSeconds * 1000, undefined, { signal: run.signal });
    const lasting = settings.settleSeconds > 0 ? await lasts(some, compare) : some;
    const context: FindingContext = { at: new Date(), run: run.run, orderedBy: run.orderedBy };
    const events = new Map(
      lasting.map((finding) => {
        const event = reconciledEvent(finding, context);
        return [`${event.type} ${event.data.repository}:${event.data.tag}`, event];
      }),
    );
    const list = [...events.values()];
    for (let at = 0; at < list.length; at += eventsAtOnce)
      await this.options.events.publish(list.slice(at, at + eventsAtOnce));
    for (const finding of lasting) this.#announcements.add(finding);
    return list.length;
  }
}

interface Work {
  run: RunOptions;
  compare: CompareOptions;
  summary: ReconcileSummary;
  report: () => void;
}
