import { Digest, OutcomeImage } from '@pratique/contracts';
import { z } from 'zod';
import { buildStatement, type Statement } from './statement.js';

/**
 * A result of tests, good or bad. What in-toto has no field for stands under `pratique`; readers of the predicate have to
 * ignore what they do not know.
 * https://github.com/in-toto/attestation/blob/v1.1.0/spec/predicates/test-result.md
 */
export const verdictType = 'https://in-toto.io/attestation/test-result/v0.1';

const text = z.string().max(2048);
const Policy = z.looseObject({ name: text, digest: z.record(z.string(), z.string().max(256)).optional() });

const Verdict = z.object({
  /** The same verdict that is given again, after a crash, has the same. */
  id: z.string().min(1).max(128),
  /** Of Pratique. */
  version: z.string().max(64),
  status: z.enum(['passed', 'failed', 'unscannable']),
  decidedAt: z.iso.datetime(),
  /** Where the image was when it was scanned. */
  image: OutcomeImage.extend({ digest: Digest }),
  /** Manifests that were read: 1, or an index with its children. */
  manifests: z.int().nonnegative(),
  checks: z
    .array(z.object({ policy: text, check: text, result: text, findings: z.int().nonnegative() }))
    .max(10_000),
  /** Of the scanners that were asked. */
  databases: z.array(z.object({ scanner: text, updatedAt: z.iso.datetime().optional() })).max(100),
  /** Why it did not pass. */
  reason: text.optional(),
  /** Digest of the whole report. */
  report: Digest.optional(),
});
export type AttestedVerdict = z.infer<typeof Verdict>;

/** What a verdict's statement says. */
export const VerdictPredicate = z.looseObject({
  result: z.enum(['PASSED', 'FAILED']),
  configuration: z.array(Policy).max(1000),
  passedTests: z.array(text).max(10_000).optional(),
  failedTests: z.array(text).max(10_000).optional(),
  pratique: Verdict,
});
export type VerdictPredicate = z.infer<typeof VerdictPredicate>;

export interface VerdictStatementInput {
  /** Where the image is: host and repository. */
  name: string;
  /** The image first, then its children. */
  digests: readonly [Digest, ...Digest[]];
  policies: readonly { name: string; sha256: string }[];
  verdict: AttestedVerdict;
}

export function buildVerdictStatement({
  name,
  digests,
  policies,
  verdict,
}: VerdictStatementInput): Statement {
  const named = (wanted: (result: string) => boolean): string[] => [
    ...new Set(
      verdict.checks.filter(({ result }) => wanted(result)).map(({ policy, check }) => `${policy}/${check}`),
    ),
  ];
  const predicate = {
    result: verdict.status === 'passed' ? 'PASSED' : 'FAILED',
    configuration: policies.map((policy) => ({ name: policy.name, digest: { sha256: policy.sha256 } })),
    passedTests: named((result) => result === 'passed'),
    failedTests: named((result) => result !== 'passed' && result !== 'nothing-to-check'),
    pratique: verdict,
  } satisfies VerdictPredicate;
  return buildStatement({ name, digests, predicateType: verdictType, predicate });
}

/** The verdict in a statement of one; undefined for other statements, and for results of others than Pratique. */
export function verdictIn({ predicateType, predicate }: Statement): VerdictPredicate | undefined {
  if (predicateType !== verdictType) return undefined;
  const read = VerdictPredicate.safeParse(predicate);
  if (!read.success) return undefined;
  // The two ways to say it have to agree, or two readers would see two verdicts.
  const agrees = (read.data.result === 'PASSED') === (read.data.pratique.status === 'passed');
  return agrees ? read.data : undefined;
}
