import { isAzureRegistry, type RegistrySettings } from '@pratique/registries';
import { irreversible } from './source-name.js';
import type { SyncRule } from './sync-rule.js';

/** A setting of a rule that does not go with its other settings, or with other rules. */
export interface SettingProblem {
  setting: keyof SyncRule;
  message: string;
}

interface Context {
  registries: readonly RegistrySettings[];
  sync: readonly SyncRule[];
}

/** Finds settings of one rule that contradict each other. */
export function settingProblems(rule: SyncRule, context: Context): SettingProblem[] {
  return [...newestProblems(rule, context), ...platformProblems(rule), ...deleteProblems(rule, context)];
}

function newestProblems({ newest, from }: SyncRule, { registries }: Context): SettingProblem[] {
  const source = registries.find(({ name }) => name === from);
  if (newest?.by !== 'updated' || source === undefined || isAzureRegistry(source)) return [];
  const message = `cannot be by: updated, since ${from} does not list when a tag was moved: write by: version`;
  return [{ setting: 'newest', message }];
}

function platformProblems({ platforms, when, method }: SyncRule): SettingProblem[] {
  if (platforms === undefined) return [];
  const report = (message: string): SettingProblem[] => [{ setting: 'platforms', message }];
  if (when !== 'pushed')
    return report(
      `makes another image than the one that was ${when}: copy that one whole, or write when: pushed`,
    );
  if (method === 'import') return report('cannot be imported, only copied: write method: auto or copy');
  return [];
}

function deleteProblems(rule: SyncRule, { sync }: Context): SettingProblem[] {
  if (rule.delete === 'keep')
    return rule.maxDeletesPerHour === undefined
      ? []
      : [{ setting: 'maxDeletesPerHour', message: 'bounds nothing: add delete: mirror, or leave it out' }];
  const report = (message: string): SettingProblem[] => [{ setting: 'delete', message }];
  if (rule.when === 'approved')
    return report(
      'may not be mirror where images are approved: what somebody approved is never deleted by a rule',
    );
  if (leadsBack(rule, sync))
    return report(
      'may not be mirror in a round of rules: what is new at one end would look left over from the other',
    );
  const problem = irreversible(rule.as);
  return problem === undefined ? [] : [{ setting: 'as', message: `${problem}; delete: mirror needs it` }];
}

function leadsBack({ from, to }: SyncRule, sync: readonly SyncRule[]): boolean {
  const reached = new Set(to);
  // A set that grows while it is walked: every registry that is added is visited too.
  for (const registry of reached) {
    for (const next of sync) if (next.from === registry) next.to.forEach((each) => reached.add(each));
  }
  return reached.has(from);
}
