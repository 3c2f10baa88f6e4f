import { AcrImportError, type AcrImportErrorCode } from '@pratique/acr';
import type { OutcomeReason, Severity } from '@pratique/contracts';
import { type CopySide, OciError, type OciErrorCode } from '@pratique/oci';
import { TagsNotDeletable } from './remove-tag.js';

/** What a failed copy means. */
export interface CopyFailure {
  reason: OutcomeReason<'sync.failed'>;
  severity: Severity;
  /** A whole sentence, with what to do about it where something can be done. */
  message: string;
  /** The registry that failed, where it is known. */
  side: CopySide | undefined;
  /** The error's own code: finer than the reason. */
  code: string;
  /** Whether the same copy may succeed later without anybody changing anything. */
  retryable: boolean;
  /** Milliseconds that the registry asked to be left alone for. */
  retryAfterMs: number | undefined;
}

/**
 * Tells business failures, which end as an outcome or come again later, from bugs.
 *
 * @returns undefined for whatever is not a registry's failure: a bug, or an abort
 */
export function classifyFailure(error: unknown): CopyFailure | undefined {
  if (error instanceof OciError) return failure(error, ociReasons[error.code], error.side);
  if (error instanceof AcrImportError) return failure(error, importReasons[error.code], 'target');
  if (error instanceof TagsNotDeletable) return undeletable(error);
  return undefined;
}

function undeletable({ message }: TagsNotDeletable): CopyFailure {
  const reason = 'delete-unsupported';
  return {
    ...{ reason, severity: severities[reason], message, side: 'target', code: reason },
    ...{ retryable: false, retryAfterMs: undefined },
  };
}

const ociReasons: Record<OciErrorCode, CopyFailure['reason']> = {
  'access-refused': 'access-refused',
  'digest-mismatch': 'digest-mismatch',
  'image-not-copyable': 'image-not-copyable',
  'limit-exceeded': 'image-not-copyable',
  'manifest-blob-unknown': 'image-not-copyable',
  'not-authenticated': 'access-refused',
  // The tag was there a moment ago: an index with a child that is missing, or an image that was deleted under our hands.
  'not-found': 'image-not-copyable',
  'not-verified': 'not-verified',
  'protocol-violation': 'registry-unavailable',
  'registry-unavailable': 'registry-unavailable',
  'request-refused': 'image-not-copyable',
  'tag-locked': 'tag-locked',
  throttled: 'registry-unavailable',
  'timed-out': 'registry-unavailable',
  'unsupported-manifest': 'image-not-copyable',
  // Credentials would have gone to a host that nobody configured.
  'untrusted-address': 'access-refused',
};

const importReasons: Record<AcrImportErrorCode, CopyFailure['reason']> = {
  'access-refused': 'access-refused',
  'not-found': 'image-not-copyable',
  'not-importable': 'image-not-copyable',
  'tag-locked': 'tag-locked',
  throttled: 'registry-unavailable',
  'timed-out': 'registry-unavailable',
  unavailable: 'registry-unavailable',
};

const severities: Record<CopyFailure['reason'], Severity> = {
  'access-refused': 'error',
  // Bytes that are not what their digest says are a fault of storage, or somebody's work.
  'digest-mismatch': 'critical',
  'delete-unsupported': 'warning',
  'image-not-copyable': 'error',
  'not-verified': 'error',
  'registry-unavailable': 'error',
  'tag-locked': 'warning',
};

function failure(
  error: OciError | AcrImportError,
  reason: CopyFailure['reason'],
  side: CopySide | undefined,
): CopyFailure {
  const { code, message, retryable, retryAfterMs } = error;
  return { reason, severity: severities[reason], message, side, code, retryable, retryAfterMs };
}
