import type { RegistrySettings } from '@pratique/registries';
import type { SyncRule } from './sync-rule.js';

/** What stands between a push and the image being pullable at the target: a decision before the copy, or one after it. */
export type Gate = 'cleared' | 'approved' | 'quarantine';

/** The gate of a rule; `undefined` when every image that is pushed goes through. */
export function gateOf({ when }: Pick<SyncRule, 'when'>, to: RegistrySettings): Gate | undefined {
  if (when !== 'pushed') return when;
  // Nothing can be pulled there before its verdict.
  return to.kind === 'acr' && to.quarantine === true ? 'quarantine' : undefined;
}
