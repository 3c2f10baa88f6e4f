import { type NameSelection, nameSelection } from './name-selection.js';
import type { SyncRule } from './sync-rule.js';

export type CompiledRule = SyncRule & {
  names: NameSelection;
  /** Another rule leads back: what is the source of one is the target of the other. */
  twoWay: boolean;
};

/** Compiles the rules' patterns, once for the life of the process. */
export function compileRules(rules: readonly SyncRule[]): CompiledRule[] {
  return rules.map((rule) => ({
    ...rule,
    names: nameSelection(rule),
    twoWay: rules.some(({ from, to }) => rule.to.includes(from) && to.includes(rule.from)),
  }));
}
