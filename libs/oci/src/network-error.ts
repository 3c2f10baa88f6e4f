import { OciError } from './oci-error.js';

const timeouts = ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'];

const connectionFailures = [
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_DESTROYED',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ERR_SSL_WRONG_VERSION_NUMBER',
];

/**
 * Turns what undici and node report about a connection into an {@link OciError}. Anything else comes back unchanged:
 * an abort keeps its reason, and a bug stays a bug.
 */
export function fromNetworkError(error: unknown, operation: string): unknown {
  if (error instanceof OciError || !isErrorLike(error)) return error;
  const code = codeOf(error);
  if (timeouts.includes(code)) {
    return new OciError(`The registry did not answer in time (${error.message}).`, {
      code: 'timed-out',
      operation,
      cause: error,
    });
  }
  if (!isConnectionFailure(error, code)) return error;
  return new OciError(
    `The connection to the registry failed (${describe(error, code)}); check its address and network.`,
    { code: 'registry-unavailable', operation, cause: error },
  );
}

/** Not `instanceof Error`: what node itself throws is of another realm in a test or a vm context. */
function isErrorLike(error: unknown): error is Error {
  return (
    typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
  );
}

function isConnectionFailure(error: Error, code: string): boolean {
  if (connectionFailures.includes(code)) return true;
  // HPE_*: the answer was not HTTP. Certificate errors come from OpenSSL, whose codes form an open list.
  return (
    code.startsWith('HPE_') || /certificate|self.signed/i.test(error.message) || code.startsWith('ERR_TLS')
  );
}

/** With several addresses node reports an AggregateError whose own message is empty. */
function describe(error: Error, code: string): string {
  return error.message === '' ? code : error.message;
}

function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code;
  return '';
}
