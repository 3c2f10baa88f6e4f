import { z } from 'zod';
import { cloudEventAttributes } from './cloud-event.js';
import { Digest } from './digest.js';
import { RegistryName, RepositoryName, Tag } from './image-name.js';

export const Severity = z.enum(['info', 'notice', 'warning', 'error', 'critical']);
export type Severity = z.infer<typeof Severity>;

/** One image in one registry, as far as it is known. */
export const OutcomeImage = z.object({
  registry: RegistryName,
  repository: RepositoryName,
  tag: Tag.optional(),
  digest: Digest.optional(),
});
export type OutcomeImage = z.infer<typeof OutcomeImage>;

const outcomeData = {
  severity: Severity,
  /** A whole sentence for a person: who did what to which image, and why. */
  message: z.string().min(1).max(2048),
  /** The image that was acted on; absent where a message was refused before one was known. */
  image: OutcomeImage.optional(),
  /** Where it went, for a copy. */
  target: OutcomeImage.optional(),
  /** The rule or policy of `pratique.yaml` that applied. */
  rule: z.string().max(255).optional(),
  /** Milliseconds that the act took. */
  durationMs: z.number().nonnegative().optional(),
  /** What differs by kind: findings of a scan, figures of a copy. Kept small: the whole event stays under 64 KiB. */
  details: z.record(z.string(), z.json()).optional(),
};

/** The `type` of a kind of outcome, as it stands on the wire. */
export function outcomeType<K extends string>(kind: K): `io.pratique.${K}.v1` {
  return `io.pratique.${kind}.v1`;
}

function outcome<const K extends string, const R extends readonly [string, ...string[]]>(
  kind: K,
  reasons: R,
) {
  return z.object({
    ...cloudEventAttributes,
    type: z.literal(outcomeType(kind)),
    data: z.object({ ...outcomeData, reason: z.enum(reasons) }),
  });
}

/**
 * What can have happened, and for each the reasons there are. A reason is a stable code: alerts and queries are written
 * against it, so a reason may be added but never renamed. Adding a kind of outcome is one entry here.
 */
export const outcomeSchemas = {
  'webhook.refused': outcome('webhook.refused', [
    'unknown-registry',
    'not-authenticated',
    'repository-not-allowed',
    'malformed',
    'too-large',
    'unsupported-encoding',
    'address-not-allowed',
    'too-many-requests',
    'too-many-attempts',
  ]),
  'scan.passed': outcome('scan.passed', ['every-check-passed']),
  'scan.failed': outcome('scan.failed', ['check-failed']),
  'scan.unscannable': outcome('scan.unscannable', [
    'nothing-to-check',
    'not-readable',
    'limit-exceeded',
    'digest-mismatch',
  ]),
  'scan.error': outcome('scan.error', [
    'no-policy',
    'image-gone',
    'access-refused',
    'registry-unavailable',
    'check-crashed',
    'scanner-unavailable',
    'scanner-timeout',
    'scanner-answer-invalid',
    'scanner-database-old',
  ]),
  // What a policy that only observes would have made of an image. It clears nothing and blocks nothing.
  'scan.observed': outcome('scan.observed', [
    'would-pass',
    'would-fail',
    'would-be-unscannable',
    'would-be-error',
  ]),
  'quarantine.released': outcome('quarantine.released', ['verdict-passed']),
  'quarantine.retained': outcome('quarantine.retained', [
    'verdict-failed',
    'verdict-unscannable',
    'verdict-error',
    'only-observed',
  ]),
  'sync.copied': outcome('sync.copied', ['imported', 'copied', 'completed-earlier']),
  'sync.skipped': outcome('sync.skipped', [
    'already-present',
    'no-rule-matches',
    'image-gone',
    // Told as sync.superseded by now.
    'tag-moved',
    'overwrite-denied',
    'other-artifact',
    'other-platform',
    'delete-bound-reached',
    'claimed-by-another-rule',
  ]),
  // The target lost a tag because the source had lost it.
  'sync.deleted': outcome('sync.deleted', ['gone-at-source']),
  // What the event told of has been overtaken by something newer, which is at the target or on its way there.
  'sync.superseded': outcome('sync.superseded', ['newer-image-present', 'tag-moved']),
  'sync.failed': outcome('sync.failed', [
    'access-refused',
    'digest-mismatch',
    'tag-locked',
    'image-not-copyable',
    'not-verified',
    'registry-unavailable',
    'delete-unsupported',
  ]),
  'dead-letter.contract-violation': outcome('dead-letter.contract-violation', ['not-in-contract']),
  'dead-letter.unclassified': outcome('dead-letter.unclassified', ['attempts-exhausted']),
};

export type OutcomeKind = keyof typeof outcomeSchemas;
export type OutcomeOf<K extends OutcomeKind> = z.infer<(typeof outcomeSchemas)[K]>;
export type OutcomeReason<K extends OutcomeKind = OutcomeKind> = OutcomeOf<K>['data']['reason'];
export type OutcomeType<K extends OutcomeKind = OutcomeKind> = OutcomeOf<K>['type'];
export type Outcome = OutcomeOf<OutcomeKind>;

const everyOutcome = Object.values(outcomeSchemas);

export const Outcome = z.discriminatedUnion('type', everyOutcome as [(typeof everyOutcome)[number]]);
