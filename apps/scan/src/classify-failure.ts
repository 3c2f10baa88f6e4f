import type { OutcomeReason, Severity } from '@pratique/contracts';
import { OciError } from '@pratique/oci';

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
 * Tells what a registry fails with, which ends as an outcome or comes again later, from bugs.
 *
 * @returns undefined for whatever is not a registry's failure: a bug, or an abort
 */
export function classifyFailure(error: unknown): ScanFailure | undefined {
  if (!(error instanceof OciError)) return undefined;
  const { message, retryable, retryAfterMs } = error;
  return { reason: reasonOf(error), severity: 'error', message, retryable, retryAfterMs };
}

function reasonOf({ code }: OciError): ScanFailure['reason'] {
  // With an untrusted address, credentials would have gone to a host that nobody configured.
  const refused: OciError['code'][] = ['access-refused', 'not-authenticated', 'untrusted-address'];
  return refused.includes(code) ? 'access-refused' : 'registry-unavailable';
}
