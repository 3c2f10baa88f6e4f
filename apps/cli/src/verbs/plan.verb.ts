import { readFileSync } from 'node:fs';
import { RegistryEvent, RegistryName, RepositoryName, Tag } from '@pratique/contracts';
import { ExplainPlan } from '../../../sync/src/explain/explain-plan.js';
import type { PlanRow } from '../../../sync/src/explain/plan-row.js';
import type { TaggedImage } from '../../../sync/src/planned-copy.js';
import type { CompareOptions } from '../../../sync/src/reconcile/compare-repository.js';
import type { Console } from '../console.js';
import { planLines } from '../plan-lines.js';
import { ruleNamed, syncRulesOptions, withSyncRules } from '../sync-rules.js';
import { UsageError } from '../usage-error.js';
import { defineVerb } from '../verb.js';

export const planVerb = defineVerb({
  name: 'plan',
  summary: 'say what the rules of sync would copy, overwrite or delete, and for everything else why not',
  description: `
Looks at the registries and says what sync would do: after an event, with one tag, or under a whole rule. Nothing is
changed and nothing is published. Every tag that is not copied has its reason: no rule takes it, it is there already, it
waits for a decision, something newer takes its place.`,
  options: {
    rule: { type: 'string', value: 'NAME', help: 'everything that this rule would do' },
    image: {
      type: 'string',
      value: 'IMAGE',
      help: 'one tag, as REGISTRY/REPOSITORY:TAG with the name of a registry',
    },
    event: { type: 'string', value: 'FILE', help: 'a registry event as JSON, as the ledger has it' },
    ...syncRulesOptions,
  },
  examples: [
    'pratique plan --rule vendor-images',
    'pratique plan --image vendor/tripinsights/web:1.2',
    'pratique plan --event event.json --json | jq -r ".rows[] | select(.action == \\"none\\") | .reason"',
  ],
  exitCodes: { 0: 'the plan was made', 1: 'a registry could not be asked' },
  run: ({ rule, image, event, ...input }, console) => {
    const asked = [rule, image, event].filter((each) => each !== undefined);
    if (asked.length !== 1) throw new UsageError('Name one of --rule, --image and --event');
    return withSyncRules(input, async (options) => {
      const rows = await rowsOf({ rule, image, event }, { options, console });
      return { exitCode: 0, document: { rows, requests: options.pace.count }, lines: planLines(rows) };
    });
  },
});

async function rowsOf(
  {
    rule,
    image,
    event,
  }: { rule?: string | undefined; image?: string | undefined; event?: string | undefined },
  { options, console }: { options: CompareOptions; console: Console },
): Promise<PlanRow[]> {
  const explain = new ExplainPlan(options);
  if (event !== undefined) return await explain.ofEvent(eventOf(event));
  if (image !== undefined) return await explain.ofTag(taggedImage(image, options));
  const rows: PlanRow[] = [];
  let progress: ReturnType<Console['progress']> | undefined;
  const seen = (done: number, total: number): void => {
    progress ??= console.progress('repositories compared', total);
    progress.at(done);
  };
  try {
    for await (const row of explain.ofRule(ruleNamed(rule ?? '', options.rules), seen)) rows.push(row);
  } finally {
    progress?.end();
  }
  return rows;
}

function eventOf(file: string): RegistryEvent {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} cannot be read as JSON (${(error as Error).message})`);
  }
  // The ledger's entry has the event in its body.
  const entry = typeof json === 'object' && json !== null && 'body' in json ? json.body : json;
  const event = RegistryEvent.safeParse(entry);
  if (event.success) return event.data;
  const [issue] = event.error.issues;
  throw new UsageError(`${file} is no registry event: ${issue?.path.join('.')} ${issue?.message}`);
}

function taggedImage(text: string, { connections }: CompareOptions): TaggedImage {
  const [, registry = '', repository = '', tag = ''] = /^([^/]+)\/(.+):([^:/]+)$/.exec(text) ?? [];
  const parsed = {
    registry: RegistryName.safeParse(registry),
    repository: RepositoryName.safeParse(repository),
    tag: Tag.safeParse(tag),
  };
  if (!parsed.registry.success || !parsed.repository.success || !parsed.tag.success)
    throw new UsageError(`--image must be REGISTRY/REPOSITORY:TAG, not "${text}"`);
  if (!connections.has(parsed.registry.data))
    throw new UsageError(
      `There is no registry "${registry}"; the file names ${[...connections.keys()].join(', ')}`,
    );
  return { registry: parsed.registry.data, repository: parsed.repository.data, tag: parsed.tag.data };
}
