import type { AttestedVerdict } from '@pratique/attestation';
import { type Digest, digestOf, type OutcomeImage } from '@pratique/contracts';
import type { PolicyJudgement } from '../judge-scan.js';
import type { ScanPolicy } from '../scan-policy.js';
import { pratiqueVersion } from './pratique-version.js';

export interface VerdictToDescribe {
  id: string;
  image: OutcomeImage & { digest: Digest };
  judgement: PolicyJudgement;
  report: Digest | undefined;
  at: Date;
}

// The statement's own limits; an image of so many manifests is beyond those of a scan.
const maxChecks = 10_000;
const maxReason = 2048;

/** What is signed of a verdict: by which policies, after which checks, when. */
export function describeVerdict({ id, image, judgement, report, at }: VerdictToDescribe): {
  policies: { name: string; sha256: string }[];
  verdict: AttestedVerdict;
} {
  const { policies, verdict, manifests } = judgement;
  if (verdict.status === 'error') throw new Error('What is no verdict cannot be signed.');
  const checks = manifests.flatMap((manifest) => (manifest.kind === 'image' ? manifest.checks : []));
  return {
    policies: policies.map((policy) => ({ name: policy.name, sha256: digestOfPolicy(policy) })),
    verdict: {
      ...{ id, version: pratiqueVersion, status: verdict.status, decidedAt: at.toISOString() },
      image,
      manifests: manifests.length,
      checks: checks.slice(0, maxChecks).map(({ policy, kind, result, findings, unlisted = 0 }) => ({
        ...{ policy, check: kind, result, findings: findings.length + unlisted },
      })),
      databases: [],
      ...(verdict.status === 'unscannable' && { reason: verdict.message.slice(0, maxReason) }),
      ...(report !== undefined && { report }),
    },
  };
}

/** What a policy asks for, whatever it is called and whichever repositories it applies to. */
function digestOfPolicy({ checks, exceptions }: ScanPolicy): string {
  const asked = checks.map(({ kind, settings }) => ({ kind, settings }));
  return digestOf(JSON.stringify({ checks: asked, exceptions })).slice('sha256:'.length);
}
