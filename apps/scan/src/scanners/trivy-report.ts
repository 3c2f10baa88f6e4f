import { z } from 'zod';
import {
  clipped,
  known,
  maxVulnerabilities,
  severityOf,
  type Vulnerability,
  vulnerabilityId,
} from './vulnerability.js';

const Text = z.string().nullish();

/** What of `trivy version --format json`, or of a server's `/version`, matters. */
export const TrivyVersion = z.object({
  Version: z.string(),
  VulnerabilityDB: z.object({ Version: z.number().nullish(), UpdatedAt: Text }).nullish(),
});
export type TrivyVersion = z.infer<typeof TrivyVersion>;

const Cvss = z.record(z.string(), z.object({ V3Score: z.number().nullish() }));

const Found = z.object({
  VulnerabilityID: z.string().min(1),
  PkgName: Text,
  PkgPath: Text,
  PkgIdentifier: z.object({ PURL: Text }).nullish(),
  InstalledVersion: Text,
  FixedVersion: Text,
  Severity: Text,
  SeveritySource: Text,
  PrimaryURL: Text,
  Layer: z.object({ Digest: Text }).nullish(),
  CVSS: Cvss.nullish().catch(null),
});

const Result = z.object({
  Target: Text,
  Packages: z.array(z.unknown()).nullish(),
  Vulnerabilities: z.array(Found).max(maxVulnerabilities).nullish(),
});

/** `trivy image --format json`. https://trivy.dev/latest/docs/configuration/reporting/#json */
export const TrivyReport = z.object({
  SchemaVersion: z.literal(2),
  ArtifactName: z.string(),
  Metadata: z
    .object({ OS: z.object({ Family: Text }).nullish(), RepoDigests: z.array(z.string()).nullish() })
    .nullish(),
  Results: z.array(Result).max(maxVulnerabilities).nullish(),
});
export type TrivyReport = z.infer<typeof TrivyReport>;

/** Without an operating system and without a package, Trivy has looked at nothing that it knows. */
export function trivyRecognised({ Metadata, Results }: TrivyReport): boolean {
  const packages = (Results ?? []).some(({ Packages }) => (Packages ?? []).length > 0);
  return Boolean(Metadata?.OS?.Family) || packages;
}

export function trivyVulnerabilities({ Results }: TrivyReport): Vulnerability[] {
  return (Results ?? []).flatMap(({ Target, Vulnerabilities }) =>
    (Vulnerabilities ?? []).map((found) => translate(found, Target)),
  );
}

function translate(found: z.infer<typeof Found>, target: string | null | undefined): Vulnerability {
  return known({
    id: vulnerabilityId(found.VulnerabilityID),
    package: clipped(found.PkgName) ?? '',
    version: clipped(found.InstalledVersion) ?? '',
    fixedVersion: clipped(found.FixedVersion),
    severity: severityOf(found.Severity ?? undefined),
    score: scoreIn(found),
    purl: clipped(found.PkgIdentifier?.PURL),
    path: clipped(found.PkgPath ?? target),
    layer: clipped(found.Layer?.Digest),
    link: clipped(found.PrimaryURL, 2048),
  });
}

/** By whoever the severity is from, else the worst that anybody gives. */
function scoreIn({ CVSS, SeveritySource }: z.infer<typeof Found>): number | undefined {
  const own = CVSS?.[SeveritySource ?? '']?.V3Score;
  const scores = Object.values(CVSS ?? {}).flatMap(({ V3Score }) => V3Score ?? []);
  const score = own ?? (scores.length > 0 ? Math.max(...scores) : undefined);
  return score !== undefined && score >= 0 && score <= 10 ? score : undefined;
}
