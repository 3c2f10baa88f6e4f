import { z } from 'zod';
import type { ScannerIdentity } from '../checks/scanner-identity.js';
import {
  clipped,
  known,
  maxVulnerabilities,
  severityOf,
  type Vulnerability,
  vulnerabilityId,
} from './vulnerability.js';

const Text = z.string().nullish();
const Probability = z.number().min(0).max(1);

const Match = z.object({
  vulnerability: z.object({
    id: z.string().min(1),
    dataSource: Text,
    severity: Text,
    cvss: z.array(z.object({ metrics: z.object({ baseScore: z.number().nullish() }).nullish() })).nullish(),
    knownExploited: z.array(z.unknown()).nullish(),
    epss: z.array(z.object({ epss: Probability.nullish() })).nullish(),
    fix: z.object({ versions: z.array(z.string()).nullish(), state: Text }).nullish(),
  }),
  artifact: z.object({
    name: z.string(),
    version: Text,
    purl: Text,
    locations: z.array(z.object({ path: Text, layerID: Text })).nullish(),
  }),
});

/** `grype --output json`. https://github.com/anchore/grype/tree/main/schema/grype/json */
export const GrypeReport = z.object({
  matches: z.array(Match).max(maxVulnerabilities),
  source: z.object({
    type: z.string(),
    // An image's description; of what is none, a path or a word.
    target: z.union([
      z.string(),
      z.object({ manifestDigest: Text, repoDigests: z.array(z.string()).nullish() }),
    ]),
  }),
  distro: z.object({ name: Text }).nullish(),
  descriptor: z.object({
    name: z.literal('grype'),
    version: z.string(),
    db: z
      .object({
        built: Text,
        schemaVersion: z.union([z.string(), z.number()]).nullish(),
        status: z
          .object({
            built: Text,
            schemaVersion: z.union([z.string(), z.number()]).nullish(),
            valid: z.boolean().nullish(),
          })
          .nullish(),
      })
      .nullish(),
  }),
});
export type GrypeReport = z.infer<typeof GrypeReport>;

/** The report itself says what it was made from, in the old shape (`db.built`) or the new one (`db.status.built`). */
export function grypeIdentity({ descriptor: { version, db } }: GrypeReport): ScannerIdentity {
  const status = db?.status ?? db;
  const moment = new Date(status?.built ?? '');
  const schemaVersion = status?.schemaVersion;
  return known({
    name: 'Grype',
    vendor: 'Anchore',
    version: clipped(version, 255),
    database: known({
      version: schemaVersion === null || schemaVersion === undefined ? undefined : String(schemaVersion),
      updatedAt: Number.isNaN(moment.getTime()) ? undefined : moment.toISOString(),
    }),
  });
}

/** Grype says which distribution it saw; without one and without a match it may have known nothing in the image. */
export function grypeRecognised({ distro, matches }: GrypeReport): boolean {
  return Boolean(distro?.name) || matches.length > 0;
}

export function grypeVulnerabilities({ matches }: GrypeReport): Vulnerability[] {
  return matches.map(({ vulnerability, artifact }) =>
    known({
      id: vulnerabilityId(vulnerability.id),
      package: clipped(artifact.name) ?? '',
      version: clipped(artifact.version) ?? '',
      fixedVersion: clipped(vulnerability.fix?.versions?.at(-1)),
      severity: severityOf(vulnerability.severity ?? undefined),
      score: highest((vulnerability.cvss ?? []).map(({ metrics }) => metrics?.baseScore)),
      epss: highest((vulnerability.epss ?? []).map(({ epss }) => epss)),
      knownExploited: vulnerability.knownExploited ? vulnerability.knownExploited.length > 0 : undefined,
      purl: clipped(artifact.purl),
      path: clipped(artifact.locations?.[0]?.path),
      layer: clipped(artifact.locations?.[0]?.layerID),
      link: clipped(vulnerability.dataSource, 2048),
    }),
  );
}

function highest(values: readonly (number | null | undefined)[]): number | undefined {
  const numbers = values.filter(
    (value): value is number => typeof value === 'number' && value >= 0 && value <= 10,
  );
  return numbers.length > 0 ? Math.max(...numbers) : undefined;
}
