import type { IncomingHttpHeaders } from 'undici/types/header.js';
import { z } from 'zod';
import { OciError, type OciErrorCode } from './oci-error.js';
import { retryAfterMs } from './retry-after.js';

/** Error bodies say a sentence or two; what comes after is not read. */
export const maxErrorBodyBytes = 64 * 1024;

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
const ErrorBody = z.object({
  errors: z.array(z.object({ code: z.string().max(128), message: z.string().optional() })).max(64),
});

export interface RefusedResponse {
  operation: string;
  url: URL;
  status: number;
  headers: IncomingHttpHeaders;
  /** The start of the body; empty for HEAD. It may be HTML or nothing at all. */
  body: string;
}

/** What a status that the caller did not expect means. */
export function errorOfResponse(response: RefusedResponse): OciError {
  const { operation, status, headers, url } = response;
  const errors = registryErrors(response.body);
  const code = codeOfStatus(status);
  const said = errors.map(({ code: name, message }) => (message ? `${name}: ${message}` : name)).join('; ');
  return new OciError(
    `${url.host} answered ${status} to ${operation} of ${url.pathname}` +
      `${said === '' ? '' : ` (${said.slice(0, 500)})`}. ${advice[code] ?? ''}`.trimEnd(),
    {
      code,
      operation,
      status,
      registryCodes: errors.map((error) => error.code),
      retryAfterMs: retryAfterMs(headers['retry-after']),
    },
  );
}

const advice: Partial<Record<OciErrorCode, string>> = {
  'not-authenticated': "Check the registry's credentials.",
  'access-refused': 'Grant the identity access to the repository, or look whether the image is quarantined.',
  'not-found': 'Check the repository and the reference.',
  throttled: 'It asks for fewer requests.',
};

function codeOfStatus(status: number): OciErrorCode {
  if (status === 401) return 'not-authenticated';
  if (status === 403) return 'access-refused';
  if (status === 404) return 'not-found';
  if (status === 408) return 'timed-out';
  if (status === 429) return 'throttled';
  // Not implemented: nothing that passes.
  if (status >= 500 && status !== 501) return 'registry-unavailable';
  return status >= 400 ? 'request-refused' : 'protocol-violation';
}

function registryErrors(body: string): { code: string; message?: string | undefined }[] {
  try {
    return ErrorBody.parse(JSON.parse(body)).errors;
  } catch {
    // Proxies answer with HTML: the status alone decides then.
    return [];
  }
}
