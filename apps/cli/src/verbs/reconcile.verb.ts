import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { RegistryName } from '@pratique/contracts';
import { MessagingClients, RegistryEventPublisher } from '@pratique/messaging';
import { Reconcile } from '../../../sync/src/reconcile/reconcile.js';
import { describeSummary, type ReconcileSummary } from '../../../sync/src/reconcile/reconcile-summary.js';
import { brokerOptions, brokerSettings } from '../broker-settings.js';
import type { Console, Progress } from '../console.js';
import { ruleNamed, syncRulesOptions, withSyncRules } from '../sync-rules.js';
import { UsageError } from '../usage-error.js';
import { defineVerb } from '../verb.js';

export const reconcileVerb = defineVerb({
  name: 'reconcile',
  summary: 'find what webhooks did not tell of, and publish the events that should have come',
  description: `
Compares the sources of the rules with their targets and publishes an event for every tag that is missing or different, with
the mark "reconciled", so that the ledger shows what was lost. The running sync does the copying; this command is done when
the events are published. The first fill of a new target is the same. Run again, it finds what is still missing.

With --delete, the operator who runs it takes responsibility for deletions beyond the bound of a mirroring rule, and for
those where a source shows no tag at all. pratique plan --rule shows beforehand what that means.`,
  options: {
    ...brokerOptions,
    ...syncRulesOptions,
    rule: { type: 'string', value: 'NAME', help: 'only this rule' },
    registry: { type: 'string', value: 'NAME', help: 'only rules from this registry' },
    delete: { type: 'boolean', help: 'give the word for deletions beyond the bound of the rule' },
    yes: { type: 'boolean', help: 'do not ask before --delete' },
    'max-events': { type: 'string', value: 'N', default: '100000', help: 'publish so many events at most' },
  },
  examples: [
    'pratique reconcile',
    'pratique reconcile --rule vendor-images --json | jq .missing',
    'pratique reconcile --rule vendor-images --delete',
  ],
  exitCodes: {
    0: 'everything could be compared, and what is missing was published',
    1: 'a registry could not be asked, or deletions wait for a word',
  },
  run: async (
    { rule, registry, delete: word = false, yes = false, 'max-events': max, ...input },
    console,
  ) => {
    if (word && rule === undefined) throw new UsageError('--delete needs --rule: say which rule it is for');
    const from = registry === undefined ? undefined : registryNamed(registry);
    const settings = { settleSeconds: 0, requestsPerSecond: Infinity, maxEvents: countOf(max) };
    const clients = new MessagingClients(brokerSettings(input));
    try {
      return await withSyncRules(input, async ({ rules, connections }) => {
        if (rule !== undefined) ruleNamed(rule, rules);
        if (word && !yes && !(await console.confirm(`Delete what ${rule} finds left over, without a bound?`)))
          return { exitCode: 1, document: { refused: true }, lines: ['Nothing was done.'] };
        const reconcile = new Reconcile({
          ...{ rules, connections, events: new RegistryEventPublisher(clients) },
          settings: { ...settings, requestsPerSecond: Number(input['requests-per-second']) },
        });
        const show = new Shown(console);
        const summary = await reconcile
          .run({
            ...{ rule, registry: from, run: randomUUID(), signal: new AbortController().signal },
            ...(word && { orderedBy: userInfo().username }),
            onProgress: (so) => show.at(so),
          })
          .finally(() => show.end());
        const complete = summary.failures.length === 0 && summary.held.length === 0;
        return { exitCode: complete ? 0 : 1, document: summary, lines: linesOf(summary) };
      });
    } finally {
      await clients.close();
    }
  },
});

/** A bar over the repositories, as soon as it is known how many there are. */
class Shown {
  #progress: Progress | undefined;
  #total = 0;

  constructor(private readonly console: Console) {}

  at({ repositories, expected }: ReconcileSummary): void {
    if (expected !== this.#total) {
      this.end();
      this.#progress = this.console.progress('repositories compared', expected);
      this.#total = expected;
    }
    this.#progress?.at(repositories);
  }

  end(): void {
    this.#progress?.end();
  }
}

function linesOf(summary: ReconcileSummary): string[] {
  return [
    ...summary.failures.map(({ rule, repository, message }) =>
      [rule, ...(repository === undefined ? [] : [repository])].join(' ').concat(`: ${message}`),
    ),
    ...summary.held.map(
      ({ rule, registry, tags }) =>
        `${rule}: ${registry} shows no tag where the target has ${tags} that came from there. If that is right: pratique reconcile --rule ${rule} --delete`,
    ),
    ...(summary.postponed > 0
      ? [`${summary.postponed} more wait for the next run, since this one published its most.`]
      : []),
    describeSummary(summary),
  ];
}

function registryNamed(text: string): RegistryName {
  const name = RegistryName.safeParse(text);
  if (!name.success) throw new UsageError(`--registry must be the name of a registry, not "${text}"`);
  return name.data;
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new UsageError(`--max-events must be a number of events, not "${text}"`);
}
