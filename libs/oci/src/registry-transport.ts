import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { IncomingHttpHeaders } from 'undici/types/header.js';
import { countRequest } from './count-requests.js';
import { isRedirect, maxRedirects, redirectTarget } from './follow-redirect.js';
import type { HostManners } from './manners/host-manners.js';
import { requestKind } from './manners/request-kind.js';
import { fromNetworkError } from './network-error.js';
import { OciError } from './oci-error.js';
import { readBounded } from './read-bounded.js';
import type { AuthorizationNeed, RegistryAuthorization } from './registry-authorization.js';
import { errorOfResponse, maxErrorBodyBytes } from './response-error.js';

export interface RegistryRequest {
  /** For errors and for what is learned about rights: `get-manifest`, `upload-blob` … */
  operation: string;
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query on the registry, or the whole address of a page or upload session that it handed out. */
  path: string | URL;
  /** Rights that the token needs, as {@link repositoryScope} writes them. */
  scopes: readonly string[];
  headers?: Record<string, string>;
  /** A stream is sent once: a request with one is not repeated and needs a `content-length`. */
  body?: Buffer | Readable;
  /** Whether the registry may act on it twice. Said of a POST or PATCH that does no harm then; the other methods are so anyway. */
  repeatable?: boolean;
  /** The statuses that the caller handles; any other becomes an {@link OciError}. */
  expect: readonly number[];
  signal?: AbortSignal | undefined;
}

/** The caller reads or dumps the body, whatever the status: the connection is held until then. */
export interface RegistryResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: Dispatcher.ResponseData['body'];
  /** Where the answer came from in the end. */
  url: URL;
}

export interface TransportOptions {
  origin: URL;
  dispatcher: Dispatcher;
  authorization: RegistryAuthorization;
  /** Milliseconds until the answer starts, and between two pieces of it. */
  headersTimeoutMs: number;
  bodyTimeoutMs: number;
  manners: HostManners;
  /** Nothing that changes anything is sent. */
  readOnly: boolean;
}

/** Sends requests to one registry: in good manners, with authorization, redirects, repetition where that is harmless, errors. */
export class RegistryTransport {
  constructor(private readonly options: TransportOptions) {}

  /** The `Authorization` header that a request would have now; undefined while the registry has not asked for one. */
  async authorizationFor(need: AuthorizationNeed): Promise<string | undefined> {
    return await this.options.authorization.header(need);
  }

  get manners(): HostManners {
    return this.options.manners;
  }

  async send(request: RegistryRequest): Promise<RegistryResponse> {
    const { manners } = this.options;
    const { operation, signal } = request;
    const kind = requestKind(request);
    if (this.options.readOnly && kind === 'write') throw this.mayNotWrite(request);
    for (let attempt = 1; ; attempt++) {
      try {
        return await manners.send({ kind, operation, signal }, () => this.sendOnce(request));
      } catch (error) {
        if (isStream(request.body)) throw error;
        const delay = manners.retryAfter({ error, attempt, repeatable: isRepeatable(request) });
        if (delay === undefined) throw error instanceof OciError ? error.givenUp() : error;
        await manners.clock.wait(delay, signal);
      }
    }
  }

  private mayNotWrite({ operation }: RegistryRequest): OciError {
    return new OciError(
      `This connection to ${this.options.origin.host} is there to read, and ${operation} would write.`,
      { code: 'access-refused', operation },
    );
  }

  private async sendOnce(request: RegistryRequest): Promise<RegistryResponse> {
    const response = await this.sendAuthorized(request);
    if (request.expect.includes(response.status)) return response;
    const { operation } = request;
    const { url, status, headers } = response;
    throw errorOfResponse({ operation, url, status, headers, body: await startOf(response) });
  }

  private async sendAuthorized(request: RegistryRequest): Promise<RegistryResponse> {
    const { authorization, origin } = this.options;
    const header = await authorization.header(request);
    const response = await this.follow(request, header);
    // A 401 of another host (a storage account after a redirect) is not the registry's question.
    const answerable = response.status === 401 && response.url.origin === origin.origin;
    if (!answerable) return response;
    await response.body.dump();
    if (isStream(request.body)) throw authorization.expired(request, header);
    const fresh = await authorization.answer(response.headers['www-authenticate'], request, header);
    return await this.follow(request, fresh);
  }

  private async follow(request: RegistryRequest, header: string | undefined): Promise<RegistryResponse> {
    const { origin } = this.options;
    let url = new URL(request.path, origin);
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const response = await this.dispatch(request, url, url.origin === origin.origin ? header : undefined);
      const followed = request.method === 'GET' || request.method === 'HEAD';
      if (!followed || !isRedirect(response.status)) return response;
      await response.body.dump();
      url = redirectTarget(url, response.headers.location, request.operation);
    }
    throw new OciError(`${origin.host} redirected more than ${maxRedirects} times.`, {
      code: 'untrusted-address',
      operation: request.operation,
    });
  }

  private async dispatch(
    request: RegistryRequest,
    url: URL,
    header: string | undefined,
  ): Promise<RegistryResponse> {
    const { dispatcher, headersTimeoutMs, bodyTimeoutMs } = this.options;
    countRequest();
    try {
      const { statusCode, headers, body } = await dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method,
        // Digests are of the bytes as stored: a proxy must not compress them on the way.
        headers: {
          'accept-encoding': 'identity',
          ...request.headers,
          ...(header && { authorization: header }),
        },
        // undici closes the connection after a HEAD, for servers that answer one with a body. Registries do not, and a copy asks
        // by HEAD more often than by anything else; what an answer out of place would say is checked by its digest.
        ...(request.method === 'HEAD' && { reset: false }),
        headersTimeout: headersTimeoutMs,
        bodyTimeout: bodyTimeoutMs,
        signal: request.signal ?? null,
        body: request.body ?? null,
      });
      return { status: statusCode, headers, body, url };
    } catch (error) {
      throw fromNetworkError(error, request.operation);
    }
  }
}

function isStream(body: RegistryRequest['body']): body is Readable {
  return body !== undefined && !Buffer.isBuffer(body);
}

function isRepeatable({ repeatable, method }: RegistryRequest): boolean {
  return repeatable ?? (method !== 'POST' && method !== 'PATCH');
}

/** An error body that is too long or breaks off says nothing that the status does not. */
async function startOf(response: RegistryResponse): Promise<string> {
  try {
    const bytes = await readBounded(response.body, { maxBytes: maxErrorBodyBytes, operation: 'read-error' });
    return bytes.toString('utf8');
  } catch {
    return '';
  }
}
