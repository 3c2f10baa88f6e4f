import type { SubscriptionDeclaration, TopicDeclaration } from '../messaging-topology.js';

export type RuleDeclaration = SubscriptionDeclaration['rules'][number];

/** Something that an administration client can do, so that a finding is none any more. */
export type TopologyChange =
  | { kind: 'create-topic' | 'update-topic'; topic: TopicDeclaration }
  | {
      kind: 'create-subscription' | 'update-subscription';
      topic: string;
      subscription: SubscriptionDeclaration;
    }
  | { kind: 'create-rule' | 'update-rule'; topic: string; subscription: string; rule: RuleDeclaration }
  | { kind: 'delete-rule'; topic: string; subscription: string; rule: string };

/** A difference between what is declared and what exists. */
export interface TopologyFinding {
  /** As `subscription registry-events/scan`. */
  entity: string;
  /** What is wrong with it: "does not exist", "has a lock duration of PT5M instead of PT1M". */
  problem: string;
  /** What to do, for a person. */
  mend: string;
  /** Absent where only a person can mend it. */
  change?: TopologyChange;
}
