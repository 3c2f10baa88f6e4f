/**
 * Why a registry could not be used. A code is stable: callers decide by it.
 *
 * - `not-found`: the repository, manifest or blob is not there (404)
 * - `not-authenticated`: the registry does not accept who we are (401), or asks for what we cannot give
 * - `access-refused`: the registry knows us and says no (403); also quarantined images of ACR
 * - `throttled`: too many requests (429); `retryAfterMs` when the registry said how long
 * - `registry-unavailable`: 5xx but 501, or the connection failed
 * - `timed-out`: no answer, or a body that stopped coming
 * - `request-refused`: another 4xx
 * - `tag-locked`: the tag may not be moved
 * - `manifest-blob-unknown`: a manifest was refused because something it names is missing
 * - `digest-mismatch`: the bytes are not those that the digest or size names
 * - `unsupported-manifest`: not a manifest, an ambiguous one, or of a type that Pratique does not handle
 * - `image-not-copyable`: the image has layers that live outside of the registry
 * - `limit-exceeded`: larger, deeper or longer than allowed
 * - `untrusted-address`: the registry pointed to an address that must not be followed
 * - `protocol-violation`: an answer that the distribution specification does not allow
 * - `not-verified`: after a copy the target does not show what was written
 */
export type OciErrorCode =
  | 'not-found'
  | 'not-authenticated'
  | 'access-refused'
  | 'throttled'
  | 'registry-unavailable'
  | 'timed-out'
  | 'request-refused'
  | 'tag-locked'
  | 'manifest-blob-unknown'
  | 'digest-mismatch'
  | 'unsupported-manifest'
  | 'image-not-copyable'
  | 'limit-exceeded'
  | 'untrusted-address'
  | 'protocol-violation'
  | 'not-verified';

/** Which registry of a copy an error comes from. */
export type CopySide = 'source' | 'target';

export interface OciErrorDetails {
  code: OciErrorCode;
  /** What was being done: `get-manifest`, `upload-blob` … */
  operation: string;
  side?: CopySide | undefined;
  /** HTTP status, when there was an answer. */
  status?: number | undefined;
  /** The codes of the registry's error body, such as `MANIFEST_UNKNOWN`. */
  registryCodes?: readonly string[] | undefined;
  /** Milliseconds, from `Retry-After`. */
  retryAfterMs?: number | undefined;
  /** Whether the same call may succeed later without anybody changing anything. Derived from the code when absent. */
  retryable?: boolean | undefined;
  /** Whether it was repeated as often as is good for the registry, so that whoever hears of it does not start at once again. */
  triedEnough?: boolean | undefined;
  cause?: unknown;
}

const retryableCodes: readonly OciErrorCode[] = [
  'throttled',
  'registry-unavailable',
  'timed-out',
  // Geo-replicated registries show a write late (https://github.com/Azure/acr/issues/880).
  'not-verified',
];

/** A registry could not do what was asked. The message is a sentence for a person; decisions go by `code`. */
export class OciError extends Error {
  override readonly name = 'OciError';
  readonly code: OciErrorCode;
  readonly operation: string;
  readonly side: CopySide | undefined;
  readonly status: number | undefined;
  readonly registryCodes: readonly string[];
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly triedEnough: boolean;

  constructor(message: string, details: OciErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.operation = details.operation;
    this.side = details.side;
    this.status = details.status;
    this.registryCodes = details.registryCodes ?? [];
    this.retryable = details.retryable ?? retryableCodes.includes(details.code);
    this.retryAfterMs = details.retryAfterMs;
    this.triedEnough = details.triedEnough ?? false;
  }

  /** The same error, saying which side of a copy it comes from. */
  at(side: CopySide): OciError {
    if (this.side !== undefined) return this;
    return this.restated(`${side}: ${this.message}`, { side, cause: this.cause });
  }

  /** The same error, after the last attempt. */
  givenUp(): OciError {
    return this.restated(this.message, { triedEnough: true, cause: this.cause });
  }

  /** The same failure where the caller knows better than the status what it means. */
  meaning(code: OciErrorCode, message: string): OciError {
    return this.restated(message, { code, retryable: undefined, cause: this });
  }

  private restated(message: string, changes: Partial<OciErrorDetails>): OciError {
    const { code, operation, side, status, registryCodes, retryAfterMs, retryable, triedEnough } = this;
    return new OciError(message, {
      ...{ code, operation, side, status, registryCodes, retryAfterMs, retryable, triedEnough },
      ...changes,
    });
  }
}

/** Runs one side of a copy, so that its errors say so. */
export async function onSide<T>(side: CopySide, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof OciError ? error.at(side) : error;
  }
}
