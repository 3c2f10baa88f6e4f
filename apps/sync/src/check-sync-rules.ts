import type { RegistryName } from '@pratique/contracts';
import type { RegistrySettings } from '@pratique/registries';
import type { z } from 'zod';
import { findEndlessCopying } from './endless-copying.js';
import { gateOf } from './gate-of.js';
import { type SettingProblem, settingProblems } from './check-rule-settings.js';
import { canImport, importOrigin } from './import-origin.js';
import type { SyncRule } from './sync-rule.js';

/** The sections that the rules of `sync` are checked against. */
export interface SyncContext {
  /** Levels of trust, ascending. */
  trust?: readonly string[] | undefined;
  registries: readonly RegistrySettings[];
  sync: readonly SyncRule[];
}

export interface SyncProblem {
  path: (string | number)[];
  message: string;
}

/** Finds what is wrong between the sections: names that do not exist, ways up without a gate, copies without end. */
export function syncProblems(config: SyncContext): SyncProblem[] {
  return [
    ...trustProblems(config),
    ...config.sync.flatMap((rule, index) => ruleProblems(rule, index, config)),
    ...endlessProblems(config),
  ];
}

/** {@link syncProblems} as a check for zod's `superRefine`, for every configuration that holds these sections. */
export function checkSyncRules(config: SyncContext, context: z.core.$RefinementCtx): void {
  for (const { path, message } of syncProblems(config)) {
    context.issues.push({ code: 'custom', path, message, input: config });
  }
}

function trustProblems({ trust, registries }: SyncContext): SyncProblem[] {
  const levels = trust ?? [];
  const repeated = levels.filter((level, index) => levels.indexOf(level) !== index);
  return [
    ...repeated.map((level) => ({
      path: ['trust', levels.lastIndexOf(level)],
      message: `names "${level}" a second time: every level has one place in the order`,
    })),
    ...registries.flatMap((registry, index) => {
      const message = levelProblem(registry.trust, trust);
      return message === undefined ? [] : [{ path: ['registries', index, 'trust'], message }];
    }),
  ];
}

function levelProblem(level: string | undefined, trust: readonly string[] | undefined): string | undefined {
  if (trust === undefined)
    return level === undefined
      ? undefined
      : 'names a level, but the file has no list of levels: add trust: [lowest, …, highest]';
  if (level === undefined) return `is missing: add one of the levels ${trust.join(', ')}`;
  return trust.includes(level) ? undefined : `must be one of the levels ${trust.join(', ')}`;
}

function ruleProblems(rule: SyncRule, index: number, config: SyncContext): SyncProblem[] {
  const problems = [...nameProblems(rule, index, config), ...settingProblems(rule, config).map(under(index))];
  const from = config.registries.find(({ name }) => name === rule.from);
  const targets = rule.to.flatMap((name) => config.registries.filter((each) => each.name === name));
  if (from === undefined) return problems;
  return [
    ...problems,
    ...targets.flatMap((to) => pathProblems(rule, { index, from, to, trust: config.trust })),
  ];
}

interface RulePath {
  index: number;
  from: RegistrySettings;
  to: RegistrySettings;
  trust: readonly string[] | undefined;
}

function pathProblems(rule: SyncRule, { index, from, to, trust }: RulePath): SyncProblem[] {
  const rises = levelOf(from.trust, trust) < levelOf(to.trust, trust);
  return [
    ...(rises && gateOf(rule, to) === undefined
      ? [{ path: ['sync', index, 'when'], message: ungated(rule.from, to.name) }]
      : []),
    ...(rule.method === 'import' ? importProblems(index, { from, to }) : []),
  ];
}

function under(index: number): (problem: SettingProblem) => SyncProblem {
  return ({ setting, message }) => ({ path: ['sync', index, setting], message });
}

function nameProblems(rule: SyncRule, index: number, { registries, sync }: SyncContext): SyncProblem[] {
  const known = registries.map(({ name }) => name);
  const unknown = `must be the name of a registry of this file: ${known.join(', ')}`;
  const problems: SyncProblem[] = [];
  if (!known.includes(rule.from)) problems.push({ path: ['sync', index, 'from'], message: unknown });
  for (const [at, to] of rule.to.entries()) {
    const message = targetProblem(rule, at) ?? (known.includes(to) ? undefined : unknown);
    // One target may be written without a list.
    const path = ['sync', index, 'to', ...(rule.to.length > 1 ? [at] : [])];
    if (message !== undefined) problems.push({ path, message });
  }
  if (sync.findIndex(({ name }) => name === rule.name) < index)
    problems.push({
      path: ['sync', index, 'name'],
      message: 'is used by an earlier rule: outcomes tell the rules apart by name',
    });
  return problems;
}

function targetProblem({ from, to }: SyncRule, at: number): string | undefined {
  if (to[at] === from) return 'is the registry that the images come from: name another';
  return to.indexOf(to[at] as RegistryName) < at ? 'is named a second time' : undefined;
}

function importProblems(
  index: number,
  { from, to }: { from: RegistrySettings; to: RegistrySettings },
): SyncProblem[] {
  const report = (message: string): SyncProblem[] => [{ path: ['sync', index, 'method'], message }];
  if (!canImport(to))
    return report(
      `needs ${to.name} to be an acr with a resourceId and an identity: add them, or write auto or copy`,
    );
  if (importOrigin(from) === undefined)
    return report(
      `needs a resourceId at ${from.name}, which is reached with an identity: add it, or write auto or copy`,
    );
  return [];
}

function ungated(from: RegistryName, to: RegistryName): string {
  return (
    `lets every image that is pushed to ${from} up to ${to}, which is trusted more: write cleared or approved, ` +
    `or set quarantine: true at ${to} so that nothing can be pulled there before its verdict`
  );
}

// A registry of no known level was reported already; it neither rises nor falls.
function levelOf(level: string | undefined, trust: readonly string[] | undefined): number {
  const index = level === undefined ? -1 : (trust?.indexOf(level) ?? -1);
  return index < 0 ? NaN : index;
}

function endlessProblems({ sync, registries }: SyncContext): SyncProblem[] {
  // Two names for one host are one place: what arrives under one is told of under both.
  const placeOf = (name: RegistryName): RegistryName => {
    const host = registries.find((registry) => registry.name === name)?.host;
    return registries.find((registry) => registry.host === host)?.name ?? name;
  };
  const endless = findEndlessCopying(
    sync.flatMap((rule) => rule.to.map((to) => ({ ...rule, from: placeOf(rule.from), to: placeOf(to) }))),
  );
  if (endless === undefined) return [];
  const index = sync.findIndex(({ name }) => name === endless.rule);
  const message = endless.certain
    ? `would copy for ever, since the rules hand images round under ever new names: ${endless.example}`
    : `may copy for ever, where the regular expressions match such names: ${endless.example}; exclude them with patterns, or take the images by patterns`;
  return [{ path: ['sync', index, 'as'], message }];
}
