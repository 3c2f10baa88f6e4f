import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { fromNetworkError } from './network-error.js';
import { OciError } from './oci-error.js';
import { readBounded } from './read-bounded.js';
import { errorOfResponse } from './response-error.js';
import type { IssuedToken } from './token-cache.js';
import { tokenLifetimeMs } from './token-lifetime.js';

const maxTokenAnswerBytes = 256 * 1024;
const tokenTimeoutMs = 30_000;
const operation = 'get-token';

const TokenAnswer = z
  .object({
    token: z.string().min(1).optional(),
    access_token: z.string().min(1).optional(),
    expires_in: z.number().positive().optional(),
  })
  .transform(({ token, access_token, expires_in }) => ({ value: token ?? access_token, expires_in }));

export interface TokenRequest {
  realm: string;
  service: string | undefined;
  scopes: readonly string[];
  /** `Basic …`; absent to ask as nobody in particular. */
  authorization?: string | undefined;
  agent?: Dispatcher | undefined;
}

/**
 * Asks a token service for a token: https://distribution.github.io/distribution/spec/auth/token/
 *
 * Redirects are not followed: the request carries a password.
 */
export async function requestToken(asked: TokenRequest): Promise<IssuedToken> {
  const url = new URL(asked.realm);
  if (asked.service !== undefined) url.searchParams.set('service', asked.service);
  for (const scope of asked.scopes) url.searchParams.append('scope', scope);
  try {
    return await send(url, asked);
  } catch (error) {
    throw fromNetworkError(error, operation);
  }
}

async function send(url: URL, asked: TokenRequest): Promise<IssuedToken> {
  const { statusCode, headers, body } = await request(url, {
    headers: asked.authorization === undefined ? {} : { authorization: asked.authorization },
    headersTimeout: tokenTimeoutMs,
    bodyTimeout: tokenTimeoutMs,
    // Tokens are asked for rarely: no connection is kept for the next one.
    reset: true,
    ...(asked.agent && { dispatcher: asked.agent }),
  });
  const bytes = await readBounded(body, { maxBytes: maxTokenAnswerBytes, operation });
  if (statusCode !== 200) {
    throw errorOfResponse({ operation, url, status: statusCode, headers, body: bytes.toString('utf8') });
  }
  return readToken(bytes, url);
}

function readToken(bytes: Buffer, url: URL): IssuedToken {
  const answer = TokenAnswer.safeParse(parseJson(bytes));
  if (answer.success && answer.data.value !== undefined) {
    const { value, expires_in } = answer.data;
    return { value, lifetimeMs: tokenLifetimeMs(value, expires_in) };
  }
  throw new OciError(`The token service at ${url.host} answered without a token.`, {
    code: 'protocol-violation',
    operation,
  });
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
