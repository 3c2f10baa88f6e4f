import type { Digest, OutcomeImage } from '@pratique/contracts';
import type { RegistryClient } from '@pratique/oci';
import { askChecks } from './ask-checks.js';
import { buildScanReport } from './build-scan-report.js';
import { examineImage, type ImageToExamine } from './examine-image.js';
import { judgeScan } from './judge-scan.js';
import type { ScanLimits } from './scan-limits.settings.js';
import type { ScanPolicy } from './scan-policy.js';
import type { ScanReport } from './scan-report.js';
import type { Scanners } from './scanners/scanners.js';

export interface ImageToLookAt {
  client: RegistryClient;
  image: OutcomeImage & { digest: Digest };
  policies: readonly ScanPolicy[];
  limits: ScanLimits;
  scanners: Scanners;
  onProgress?: ImageToExamine['onProgress'];
  signal: AbortSignal;
}

/**
 * Scans an image as the service does, and does nothing about it: nothing is released, kept, published or stored.
 *
 * @throws OciError where the registry fails, the signal's reason when aborted
 */
export async function lookAtImage(look: ImageToLookAt): Promise<ScanReport> {
  const { image, policies } = look;
  const startedAt = new Date();
  const examined = await examineImage({ ...look, ...image });
  const now = new Date();
  const manifests = await askChecks(examined, { ...look, ...image, now });
  const judged = judgeScan({ ...image, policies, manifests, now });
  return buildScanReport({ image, policies, judged, startedAt, finishedAt: new Date() });
}
