import type { AttestedVerdict } from '@pratique/attestation';
import type { Digest, OutcomeImage } from '@pratique/contracts';
import { digestOfPolicy } from '../build-scan-report.js';
import type { PolicyJudgement } from '../judge-scan.js';
import type { ExaminedCheck } from '../verdict.js';
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
const maxDatabases = 100;

/** What is signed of a verdict: by which policies, after which checks, when. */
export function describeVerdict({ id, image, judgement, report, at }: VerdictToDescribe): {
  policies: { name: string; sha256: string }[];
  verdict: AttestedVerdict;
} {
  const { policies, verdict, manifests } = judgement;
  if (verdict.status === 'error') throw new Error('What is no verdict cannot be signed.');
  const checks = manifests.flatMap((manifest) => (manifest.kind === 'image' ? manifest.checks : []));
  return {
    policies: policies.map((policy) => ({
      name: policy.name,
      sha256: digestOfPolicy(policy).slice('sha256:'.length),
    })),
    verdict: {
      ...{ id, version: pratiqueVersion, status: verdict.status, decidedAt: at.toISOString() },
      image,
      manifests: manifests.length,
      checks: checks.slice(0, maxChecks).map(({ policy, kind, result, findings, unlisted = 0 }) => ({
        ...{ policy, check: kind, result, findings: findings.length + unlisted },
      })),
      databases: databasesOf(checks),
      ...(verdict.status === 'unscannable' && { reason: verdict.message.slice(0, maxReason) }),
      ...(report !== undefined && { report }),
    },
  };
}

/** Of every scanner that was asked: whose word it was, and how old what it knows. */
function databasesOf(checks: readonly ExaminedCheck[]): AttestedVerdict['databases'] {
  const asked = checks.flatMap(({ scanner }) => scanner ?? []);
  const told = asked.map(({ name, version, database }) => {
    // The statement has times in UTC.
    const at = database?.updatedAt === undefined ? undefined : new Date(database.updatedAt).toISOString();
    return { scanner: [name, version ?? ''].join(' ').trim(), ...(at !== undefined && { updatedAt: at }) };
  });
  return [...new Map(told.map((each) => [JSON.stringify(each), each])).values()].slice(0, maxDatabases);
}
