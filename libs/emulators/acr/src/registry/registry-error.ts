import { jsonReply, type Reply } from '../http/exchange.js';

/**
 * Error codes of the distribution specification, and those that Azure or the CNCF registry add. The number is the
 * status they come with unless the thrower knows better.
 */
const statusOfCode = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DENIED: 403,
  DIGEST_INVALID: 400,
  IMAGE_QUARANTINED: 403,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  PAGINATION_NUMBER_INVALID: 400,
  RANGE_INVALID: 416,
  SIZE_INVALID: 413,
  TAG_INVALID: 400,
  TOOMANYREQUESTS: 429,
  UNAUTHORIZED: 401,
  UNKNOWN: 500,
  UNSUPPORTED: 405,
} as const;

export type RegistryErrorCode = keyof typeof statusOfCode;

export interface RegistryErrorOptions {
  readonly status?: number;
  readonly detail?: unknown;
  readonly headers?: Record<string, string>;
  readonly cause?: unknown;
}

/** A refusal by the registry, which becomes the error body of the distribution specification. */
export class RegistryError extends Error {
  readonly code: RegistryErrorCode;
  readonly status: number;
  readonly detail: unknown;
  readonly headers: Record<string, string>;

  constructor(code: RegistryErrorCode, message: string, options: RegistryErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'RegistryError';
    this.code = code;
    this.status = options.status ?? statusOfCode[code];
    this.detail = options.detail;
    this.headers = options.headers ?? {};
  }

  /** The answer to send. */
  toReply(): Reply {
    const { code, message, detail } = this;
    return jsonReply(this.status, { errors: [{ code, message, detail: detail ?? {} }] }, this.headers);
  }
}
