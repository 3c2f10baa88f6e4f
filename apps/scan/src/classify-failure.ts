import { AttestationError } from '@pratique/attestation';
import type { OutcomeReason, Severity } from '@pratique/contracts';
import { OciError } from '@pratique/oci';
import { ReportError } from './reports/folder-report-store.js';

/** Why there is no verdict. */
export interface ScanFailure {
  reason: OutcomeReason<'scan.error'>;
  severity: Severity;
  message: string;
  /** Whether the same scan may succeed later without anybody changing anything. */
  retryable: boolean;
  /** Milliseconds that the registry asked to be left alone for. */
  retryAfterMs?: number | undefined;
}

/**
 * Tells what a registry, a key store or a report store fails with, which ends as an outcome or comes again later, from bugs.
 *
 * @returns undefined for whatever is none of these: a bug, or an abort
 */
export function classifyFailure(error: unknown): ScanFailure | undefined {
  if (error instanceof AttestationError) {
    const { message, retryable } = error;
    return { reason: 'attestation-failed', severity: 'error', message, retryable };
  }
  if (error instanceof ReportError) {
    return { reason: 'report-not-stored', severity: 'error', message: error.message, retryable: true };
  }
  if (!(error instanceof OciError)) return undefined;
  const { message, retryable, retryAfterMs } = error;
  return { reason: reasonOf(error), severity: 'error', message, retryable, retryAfterMs };
}

function reasonOf({ code }: OciError): ScanFailure['reason'] {
  // With an untrusted address, credentials would have gone to a host that nobody configured.
  const refused: OciError['code'][] = ['access-refused', 'not-authenticated', 'untrusted-address'];
  return refused.includes(code) ? 'access-refused' : 'registry-unavailable';
}
