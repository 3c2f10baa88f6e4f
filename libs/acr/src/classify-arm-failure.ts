import { type OciError, retryAfterMs } from '@pratique/oci';
import { z } from 'zod';
import { AcrImportError, type AcrImportErrorCode } from './acr-import-error.js';
import { entraFailure } from './get-entra-token.js';

/** The fields of the SDK's RestError that matter, read by shape: the SDK loads its modules in more than one copy. */
const RestFailure = z.object({
  name: z.literal('RestError'),
  message: z.string(),
  statusCode: z.number().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
});

interface AnsweredError {
  response?: { headers?: { get?(name: string): string | undefined } };
}

/**
 * Turns what the SDK threw into an {@link AcrImportError}. Anything that is no answer of Azure comes back unchanged: an
 * abort keeps its reason, and a bug stays a bug.
 */
export function classifyArmFailure(error: unknown): unknown {
  const withoutToken = entraFailure(error);
  if (withoutToken !== undefined) return ofIdentity(withoutToken);
  const failure = RestFailure.safeParse(error);
  if (!failure.success) return error;
  const { statusCode, code: armCode, message } = failure.data;
  const code = codeOf({ status: statusCode, text: `${armCode ?? ''} ${message}` });
  const said = message.replace(/\s+/g, ' ').slice(0, 500);
  // The SDK's error is not kept as the cause: it holds the request, and that the source's password.
  return new AcrImportError(`The registry did not import the image (${said}). ${advice[code]}`.trimEnd(), {
    code,
    status: statusCode,
    armCode,
    retryAfterMs: retryAfterOf(error),
  });
}

const advice: Record<AcrImportErrorCode, string> = {
  'access-refused':
    'Give the identity the role Container Registry Data Importer and Data Reader at the target, and at the source if it is in the same tenant.',
  'not-found': 'Check the resourceId of the target and whether the image is still at the source.',
  throttled: '',
  unavailable: '',
  'timed-out': '',
  'tag-locked': 'Unlock the tag at the target, or exclude it from the rule.',
  'not-importable': '',
};

interface Failure {
  /** Absent where there was no answer: the connection failed. */
  status: number | undefined;
  /** Azure's code and message together. */
  text: string;
}

/** From the first sign to the last; whatever shows none is for the streaming copy to find out. */
const signs: readonly { code: AcrImportErrorCode; shows: (failure: Failure) => boolean }[] = [
  {
    // The job's own throttling comes as BadRequest, told by its text: https://github.com/dotnet/docker-tools/issues/1062
    code: 'throttled',
    shows: ({ status, text }) => status === 429 || /HAP429|429 Too Many Requests|TOOMANYREQUESTS/i.test(text),
  },
  { code: 'unavailable', shows: ({ status = 503 }) => status >= 500 || status === 408 },
  {
    // https://github.com/Azure/acr-cli/issues/70
    code: 'tag-locked',
    shows: ({ text }) => /REGISTRY_DISALLOWED_OPERATION|operation is disallowed/i.test(text),
  },
  {
    code: 'access-refused',
    shows: ({ status = 0, text }) =>
      [401, 403].includes(status) || /unauthorized: authentication required|UNAUTHORIZED/.test(text),
  },
  {
    code: 'not-found',
    shows: ({ status, text }) => status === 404 || /manifest unknown|MANIFEST_UNKNOWN/i.test(text),
  },
];

function codeOf(failure: Failure): AcrImportErrorCode {
  return signs.find(({ shows }) => shows(failure))?.code ?? 'not-importable';
}

function retryAfterOf(error: unknown): number | undefined {
  return retryAfterMs((error as AnsweredError).response?.headers?.get?.('retry-after'));
}

function ofIdentity(error: OciError): AcrImportError {
  const code = error.retryable ? 'unavailable' : 'access-refused';
  return new AcrImportError(error.message, { code, cause: error });
}
