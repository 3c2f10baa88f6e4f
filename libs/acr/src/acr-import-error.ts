/**
 * Why a registry did not import an image. A code is stable: callers decide by it.
 *
 * - `access-refused`: the identity may not import here, or not read the source (401, 403)
 * - `not-found`: the registry that `resourceId` names does not exist, or the image is gone at the source
 * - `throttled`: by Azure Resource Manager, or by the registry within the job (`HAP429`)
 * - `unavailable`: 5xx, or the connection failed
 * - `timed-out`: the job did not end within the deadline. It may still end, or hang for an hour
 * - `tag-locked`: a target tag may not be moved
 * - `not-importable`: the registry cannot import this image from there; copying it otherwise may work
 */
export type AcrImportErrorCode =
  | 'access-refused'
  | 'not-found'
  | 'throttled'
  | 'unavailable'
  | 'timed-out'
  | 'tag-locked'
  | 'not-importable';

export interface AcrImportErrorDetails {
  code: AcrImportErrorCode;
  /** HTTP status of Azure Resource Manager, when there was an answer. */
  status?: number | undefined;
  /** Azure's own code, such as `AuthorizationFailed`. */
  armCode?: string | undefined;
  /** Milliseconds, from `Retry-After`. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

const passing: readonly AcrImportErrorCode[] = ['throttled', 'unavailable', 'timed-out'];

/** A registry did not import an image. The message is a sentence for a person; decisions go by `code`. */
export class AcrImportError extends Error {
  override readonly name = 'AcrImportError';
  readonly code: AcrImportErrorCode;
  readonly status: number | undefined;
  readonly armCode: string | undefined;
  /** Whether the same import may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: AcrImportErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.status = details.status;
    this.armCode = details.armCode;
    this.retryable = passing.includes(details.code);
    this.retryAfterMs = details.retryAfterMs;
  }
}
