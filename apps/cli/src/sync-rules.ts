import { configPath, loadConfig } from '@pratique/config';
import { OciError } from '@pratique/oci';
import { closeRegistries, connectRegistries, type RegistryConnections } from '@pratique/registry-access';
import { type CompiledRule, compileRules } from '../../sync/src/compiled-rule.js';
import { RequestPace } from '../../sync/src/reconcile/request-pace.js';
import type { CompareOptions } from '../../sync/src/reconcile/compare-repository.js';
import { SyncRulesConfig } from '../../sync/src/sync.settings.js';
import { UsageError } from './usage-error.js';
import type { Answer, VerbOption } from './verb.js';

/** The options of the verbs that look at registries by the rules of sync. */
export const syncRulesOptions = {
  config: {
    type: 'string',
    value: 'FILE',
    help: 'the pratique.yaml with the registries and rules; default: $PRATIQUE_CONFIG, else pratique.yaml',
  },
  'requests-per-second': {
    type: 'string',
    value: 'N',
    default: '50',
    help: 'how fast registries are asked',
  },
} as const satisfies Record<string, VerbOption>;

export interface SyncRulesInput {
  config?: string | undefined;
  'requests-per-second': string;
}

/**
 * Connects what the file names for some work, and gives it back.
 *
 * @throws ConfigError
 * @returns the work's answer; or, where a registry fails, what it said
 */
export async function withSyncRules(
  { config, 'requests-per-second': perSecond }: SyncRulesInput,
  work: (options: CompareOptions) => Promise<Answer>,
): Promise<Answer> {
  const pace = new RequestPace(rateOf(perSecond));
  const { registries, sync } = loadConfig(config ?? configPath(), SyncRulesConfig, {
    defaults: { registries: [], sync: [] },
  });
  const connections: RegistryConnections = connectRegistries(registries);
  try {
    return await work({
      ...{ connections, pace, rules: compileRules(sync) },
      signal: new AbortController().signal,
    });
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    const { code, message, side } = error;
    return { exitCode: 1, document: { error: { code, message, side } }, lines: [message] };
  } finally {
    await closeRegistries(connections);
  }
}

/** @throws UsageError */
export function ruleNamed(name: string, rules: readonly CompiledRule[]): CompiledRule {
  const rule = rules.find((each) => each.name === name);
  if (rule !== undefined) return rule;
  const known = rules.map((each) => each.name).join(', ');
  throw new UsageError(`There is no rule "${name}"; there are ${known === '' ? 'none' : known}`);
}

function rateOf(text: string): number {
  const rate = Number(text);
  if (rate > 0 && rate <= 1000) return rate;
  throw new UsageError(`--requests-per-second must be a number up to 1000, not "${text}"`);
}
