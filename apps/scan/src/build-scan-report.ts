import { type Digest, digestOf, type OutcomeImage } from '@pratique/contracts';
import type { ScanJudgement } from './judge-scan.js';
import type { ScanPolicy } from './scan-policy.js';
import { type ReportedCheck, type ReportedManifest, ScanReport, scanReportSchema } from './scan-report.js';
import type { ExaminedCheck, ExaminedManifest } from './verdict.js';

export interface ReportedScan {
  image: OutcomeImage & { digest: Digest };
  eventId?: string | undefined;
  policies: readonly ScanPolicy[];
  judged: ScanJudgement;
  startedAt: Date;
  finishedAt: Date;
}

/** The report of a scan. The same scan, judged at the same time, gives the same bytes as JSON. */
export function buildScanReport(scan: ReportedScan): ScanReport {
  const { image, eventId, policies, judged, startedAt, finishedAt } = scan;
  return ScanReport.parse({
    schema: scanReportSchema,
    image,
    eventId,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    policies: policies.map((policy) => ({
      name: policy.name,
      mode: policy.mode,
      digest: digestOfPolicy(policy),
    })),
    verdict: judged.enforced?.verdict,
    observed: judged.observed.map(({ policies: [policy], verdict }) => ({ policy: policy?.name, verdict })),
    manifests: describeManifests(scan),
  });
}

/** What a policy asks, whatever it is called and whichever repositories it applies to. */
export function digestOfPolicy({ checks, exceptions }: Pick<ScanPolicy, 'checks' | 'exceptions'>): Digest {
  const asked = checks.map(({ kind, settings }) => ({ kind, settings }));
  return digestOf(JSON.stringify({ checks: asked, exceptions }));
}

export function digestOfSettings(settings: unknown): Digest {
  return digestOf(JSON.stringify(settings ?? null));
}

function describeManifests({ policies, judged }: ReportedScan): ReportedManifest[] {
  const judgements = [...(judged.enforced ? [judged.enforced] : []), ...judged.observed];
  return (judgements[0]?.manifests ?? []).map((manifest, index) => {
    const everywhere = judgements.flatMap(({ manifests }) => manifests[index] ?? []);
    const verdict = judged.enforced?.verdicts.get(manifest.digest);
    return {
      digest: manifest.digest,
      kind: manifest.kind,
      ...(manifest.kind === 'index' && { children: [...manifest.children] }),
      ...(manifest.unreadable && { unreadable: manifest.unreadable }),
      ...(verdict && { verdict }),
      checks: describeChecks(everywhere, policies),
    };
  });
}

function describeChecks(
  manifests: readonly ExaminedManifest[],
  policies: readonly ScanPolicy[],
): ReportedCheck[] {
  const checks = manifests.flatMap((manifest) => (manifest.kind === 'image' ? manifest.checks : []));
  return policies.flatMap((policy) =>
    policy.checks.flatMap(({ kind, settings }, index) => {
      // A policy's checks report in its own order; those that were never asked leave no gap of their own.
      const before = policy.checks.slice(0, index).filter((other) => other.kind === kind).length;
      const check = checks.filter((each) => each.policy === policy.name && each.kind === kind)[before];
      return check === undefined ? [] : [describeCheck(check, digestOfSettings(settings))];
    }),
  );
}

function describeCheck(check: ExaminedCheck, settings: Digest): ReportedCheck {
  const { policy, kind, result, findings, unlisted = 0, noAnswer, excepted = [], scanner, evidence } = check;
  return {
    policy,
    kind,
    settings,
    result,
    findings: [
      ...findings,
      ...excepted.map(({ finding, exception: { owner, reason, ticket, expires } }) => ({
        ...finding,
        exception: { owner, reason, ticket, expires },
      })),
    ],
    unlisted,
    ...(noAnswer && { noAnswer }),
    ...(scanner && { scanner }),
    ...(evidence !== undefined && { evidence }),
  };
}
