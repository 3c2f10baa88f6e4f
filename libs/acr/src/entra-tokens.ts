import type { TokenCredential } from '@azure/identity';
import type { RegistryHost } from '@pratique/contracts';
import {
  errorOfResponse,
  fromNetworkError,
  type IssuedToken,
  OciError,
  readBounded,
  TokenCache,
  tokenLifetimeMs,
  type TokenSource,
} from '@pratique/oci';
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { registryAudience } from './entra-audience.js';
import { getEntraToken } from './get-entra-token.js';

const maxTokenAnswerBytes = 256 * 1024;
const tokenTimeoutMs = 30_000;

const ExchangeAnswer = z.object({ refresh_token: z.string().min(1) });
const TokenAnswer = z.object({ access_token: z.string().min(1) });

export interface EntraTokensOptions {
  credential: TokenCredential;
  host: RegistryHost;
  /** For emulators on the local machine. */
  plainHttp?: boolean;
  /** Shared connections. */
  agent?: Dispatcher;
}

/**
 * An Entra identity at an Azure container registry: its token is exchanged for a refresh token of the registry (about
 * 3 hours), and that for an access token of the wanted scopes (about 75 minutes).
 * https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
 *
 * Both are cached and fetched once however many ask: the exchange is throttled when every request logs in
 * (https://github.com/Azure/azure-cli/issues/24886). They are asked for at the configured host, whatever a challenge says.
 */
export function entraTokens(options: EntraTokensOptions): TokenSource {
  const door = new TokenDoor(options);
  const refreshTokens = new TokenCache();
  const accessTokens = new TokenCache();

  const refreshToken = (service: string): Promise<string> =>
    refreshTokens.get(service, () => door.exchange(service));

  async function accessToken(service: string, scopes: readonly string[]): Promise<IssuedToken> {
    const refresh = await refreshToken(service);
    try {
      return await door.accessToken({ service, scopes, refresh });
    } catch (error) {
      // A registry forgets refresh tokens before their time, for one when its keys are rotated.
      if (!(error instanceof OciError && error.code === 'not-authenticated')) throw error;
      refreshTokens.forget(refresh);
      return await door.accessToken({ service, scopes, refresh: await refreshToken(service) });
    }
  }

  return {
    async authorization(challenge, scopes, signal) {
      if (challenge.scheme === 'basic') throw noExchange(options.host);
      const service = challenge.service ?? options.host;
      const key = JSON.stringify([service, scopes]);
      return `Bearer ${await accessTokens.get(key, () => accessToken(service, scopes), signal)}`;
    },
    forget(authorization) {
      accessTokens.forget(authorization.slice('Bearer '.length));
    },
  };
}

/** The two token endpoints of one registry. */
class TokenDoor {
  readonly #options: EntraTokensOptions;
  readonly #origin: string;

  constructor(options: EntraTokensOptions) {
    this.#options = options;
    this.#origin = `${options.plainHttp === true ? 'http' : 'https'}://${options.host}`;
  }

  async exchange(service: string): Promise<IssuedToken> {
    const { credential, host } = this.#options;
    const form = new URLSearchParams({
      grant_type: 'access_token',
      service,
      access_token: await getEntraToken(credential, registryAudience(host)),
    });
    const answer = await this.#post('/oauth2/exchange', form, ExchangeAnswer);
    return issued(answer.refresh_token);
  }

  async accessToken(asked: {
    service: string;
    scopes: readonly string[];
    refresh: string;
  }): Promise<IssuedToken> {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      service: asked.service,
      refresh_token: asked.refresh,
    });
    for (const scope of asked.scopes) form.append('scope', scope);
    const answer = await this.#post('/oauth2/token', form, TokenAnswer);
    return issued(answer.access_token);
  }

  async #post<T>(path: string, form: URLSearchParams, schema: z.ZodType<T>): Promise<T> {
    const operation = 'get-token';
    try {
      const { statusCode, headers, body } = await this.#send(path, form);
      const bytes = await readBounded(body, { maxBytes: maxTokenAnswerBytes, operation });
      const text = bytes.toString('utf8');
      if (statusCode === 200) return readAnswer(text, schema, this.#options.host);
      const url = new URL(path, this.#origin);
      throw errorOfResponse({ operation, url, status: statusCode, headers, body: text });
    } catch (error) {
      throw fromNetworkError(error, operation);
    }
  }

  // Redirects are not followed: the form holds a token.
  #send(path: string, form: URLSearchParams): Promise<Dispatcher.ResponseData> {
    const { agent } = this.#options;
    return request(new URL(path, this.#origin), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      headersTimeout: tokenTimeoutMs,
      bodyTimeout: tokenTimeoutMs,
      // Tokens are asked for rarely: no connection is kept for the next one.
      reset: true,
      ...(agent && { dispatcher: agent }),
    });
  }
}

function issued(value: string): IssuedToken {
  return { value, lifetimeMs: tokenLifetimeMs(value) };
}

function readAnswer<T>(text: string, schema: z.ZodType<T>, host: string): T {
  const answer = schema.safeParse(parseJson(text));
  if (answer.success) return answer.data;
  throw new OciError(
    `The token endpoint of ${host} answered without a token; is it an Azure container registry?`,
    {
      code: 'protocol-violation',
      operation: 'get-token',
    },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noExchange(host: string): OciError {
  return new OciError(
    `${host} wants a user and password, and an Entra identity has none; check its kind and credentials.`,
    {
      code: 'not-authenticated',
      operation: 'get-token',
    },
  );
}
