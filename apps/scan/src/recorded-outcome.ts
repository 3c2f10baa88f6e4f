import type { KeptVerdict } from './attestation/verdict-records.js';
import type { ScanOutcome } from './scan-outcome.js';

/**
 * The outcome of a verdict with what was kept of it: where the whole report is, and what had held before.
 *
 * @param reversed whether the image had been let through before: then it is a finding, whoever runs it
 */
export function recordedOutcome(
  outcome: ScanOutcome,
  { report, attestation, previous }: KeptVerdict,
  reversed: boolean,
): ScanOutcome {
  const details = {
    ...outcome.data.details,
    ...(report && { report }),
    ...(attestation && { attestation }),
    ...(previous && { previous }),
  };
  const told = { ...outcome, data: { ...outcome.data, details } } as ScanOutcome;
  if (!reversed) return told;
  if (told.kind === 'scan.failed')
    return { ...told, data: { ...told.data, ...finding, reason: 'no-longer-passes' } };
  return { ...told, data: { ...told.data, ...finding } } as ScanOutcome;
}

const finding = { severity: 'error' } as const;
