import { formatImage } from '@pratique/contracts';
import { backupTag } from '../back-up-tag.js';
import type { CompiledRule } from '../compiled-rule.js';
import type { RefusedRule, TaggedImage } from '../planned-copy.js';
import type { ComparedTag } from '../reconcile/compare-repository.js';

/** What a rule would do with an image, and why. */
export interface PlanRow {
  rule: string;
  /** `wait`: for a decision that the rule wants. */
  action: 'copy' | 'overwrite' | 'delete' | 'wait' | 'none';
  /** `vendor tripinsights/web:1.2` */
  source: string;
  target?: string;
  sourceDigest?: string;
  targetDigest?: string;
  /** Stable, for programs. */
  code: string;
  /** For people. */
  reason: string;
}

/** @param decided whether the decision that the rule waits for is there */
export function rowOfComparison(
  rule: CompiledRule,
  compared: ComparedTag,
  { decided }: { decided: boolean },
): PlanRow {
  const { copy, state, source, target } = compared;
  const waits = rule.when !== 'pushed' && !decided && (state === 'missing' || state === 'different');
  return {
    rule: rule.name,
    ...(waits
      ? { action: 'wait', code: `not-${rule.when}`, reason: `is copied only once it is ${rule.when}` }
      : explain(compared)),
    source: place(copy.source),
    target: place(copy.target),
    ...(source !== undefined && { sourceDigest: source }),
    ...(target !== undefined && { targetDigest: target }),
  };
}

export function rowOfRefusal({ rule, code, reason }: RefusedRule, source: string): PlanRow {
  return { rule, action: 'none', source, code, reason: `${rule} ${reason}` };
}

export function place({
  registry,
  repository,
  tag,
}: Omit<TaggedImage, 'tag'> & Partial<TaggedImage>): string {
  return `${registry} ${formatImage({ repository, tag })}`;
}

function explain({ copy, state, target }: ComparedTag): Pick<PlanRow, 'action' | 'code' | 'reason'> {
  switch (state) {
    case 'missing':
      return { action: 'copy', code: state, reason: 'is not at the target' };
    case 'different': {
      const kept =
        copy.manner.overwrite === 'backup' && target !== undefined
          ? `, which is kept as ${backupTag(copy.target.tag, target)}`
          : '';
      return { action: 'overwrite', code: state, reason: `the target names another image${kept}` };
    }
    case 'left-over':
      return { action: 'delete', code: state, reason: 'is no longer at the source' };
    case 'same':
      return { action: 'none', code: 'already-present', reason: 'is at the target already' };
    case 'gone':
      return { action: 'none', code: 'image-gone', reason: 'is not at the source' };
    case 'not-overwritten':
      return {
        action: 'none',
        code: 'overwrite-denied',
        reason: 'the target names another image, and the rule overwrites nothing',
      };
    case 'other-artifact':
      return { action: 'none', code: state, reason: 'is of none of the artifact types that the rule takes' };
    case 'other-platform':
      return { action: 'none', code: state, reason: 'is for none of the platforms that the rule keeps' };
    default:
      return state satisfies never;
  }
}
