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

/** Media types of the adapter's API. https://github.com/goharbor/pluggable-scanner-spec/blob/master/api/spec/scanner-adapter-openapi-v1.2.yaml */
export const harborMediaType = {
  metadata: 'application/vnd.scanner.adapter.metadata+json; version=1.1',
  scanRequest: 'application/vnd.scanner.adapter.scan.request+json; version=1.1',
  scanResponse: 'application/vnd.scanner.adapter.scan.response+json; version=1.1',
  report: 'application/vnd.security.vulnerability.report; version=1.1',
} as const;

const updatedAtProperty = 'harbor.scanner-adapter/vulnerability-database-updated-at';

export const HarborMetadata = z.object({
  scanner: z.object({
    name: z.string(),
    vendor: z.string().nullish(),
    version: z.string().nullish(),
  }),
  capabilities: z.array(
    z.object({
      type: z.string().nullish(),
      consumes_mime_types: z.array(z.string()),
      produces_mime_types: z.array(z.string()),
    }),
  ),
  properties: z.record(z.string(), z.unknown()).nullish(),
});
export type HarborMetadata = z.infer<typeof HarborMetadata>;

export const HarborScanAccepted = z.object({ id: z.string().min(1).max(256) });

const Score = z.number().min(0).max(10);

export const HarborReport = z.object({
  vulnerabilities: z
    .array(
      z.object({
        id: z.string().min(1),
        package: z.string().nullish(),
        version: z.string().nullish(),
        fix_version: z.string().nullish(),
        severity: z.string().nullish(),
        links: z.array(z.string()).nullish(),
        preferred_cvss: z
          .object({ score_v3: Score.nullish().catch(null), score_v2: Score.nullish().catch(null) })
          .nullish(),
      }),
    )
    .max(maxVulnerabilities)
    .nullable(),
});
export type HarborReport = z.infer<typeof HarborReport>;

/** What the adapter says of the scanner behind it. */
export function identityOf({ scanner, properties }: HarborMetadata): ScannerIdentity {
  const updated = properties?.[updatedAtProperty];
  const moment = typeof updated === 'string' ? new Date(updated) : undefined;
  const updatedAt = moment && !Number.isNaN(moment.getTime()) ? moment.toISOString() : undefined;
  return known({
    name: clipped(scanner.name, 255) ?? 'unknown',
    vendor: clipped(scanner.vendor, 255),
    version: clipped(scanner.version, 255),
    database: updatedAt === undefined ? undefined : { updatedAt },
  });
}

/** The media types of manifests that it scans, and of reports that it gives, for vulnerabilities. */
export function capabilityOf({ capabilities }: HarborMetadata): { consumes: string[]; produces: string[] } {
  // Before 1.2 there was only one thing that an adapter could do, and no word for it.
  const able = capabilities.filter(({ type }) => (type ?? 'vulnerability') === 'vulnerability');
  return {
    consumes: able.flatMap((capability) => capability.consumes_mime_types),
    produces: able.flatMap((capability) => capability.produces_mime_types),
  };
}

export function vulnerabilitiesIn({ vulnerabilities }: HarborReport): Vulnerability[] {
  return (vulnerabilities ?? []).map((found) =>
    known({
      id: vulnerabilityId(found.id),
      package: clipped(found.package) ?? '',
      version: clipped(found.version) ?? '',
      fixedVersion: clipped(found.fix_version),
      severity: severityOf(found.severity ?? undefined),
      score: found.preferred_cvss?.score_v3 ?? found.preferred_cvss?.score_v2 ?? undefined,
      link: clipped(found.links?.[0], 2048),
    }),
  );
}
