import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Exchange, Reply } from './exchange.js';
import type { Intercept } from './fault-door.js';

/** Longer than any client's own idle time, so that it is the client who closes an idle connection, as with Azure. */
const keepAliveMilliseconds = 65_000;

/** A host header that can be quoted in a challenge and a Location without escaping. */
const plainHost = /^[A-Za-z0-9.\-:[\]]{1,255}$/;

export interface HttpDoorOptions {
  readonly handle: (exchange: Exchange) => Promise<Reply>;
  /** Turns whatever `handle` threw into an answer in the dialect of the API behind the door. */
  readonly refuse: (error: unknown) => Reply;
  readonly intercept?: Intercept | undefined;
}

/** An HTTP/1.1 server that speaks in `Exchange` and `Reply`, with a door for faults in front. */
export class HttpDoor {
  readonly #options: HttpDoorOptions;
  readonly #server: Server;
  readonly #underway = new Set<Promise<Reply>>();

  constructor(options: HttpDoorOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      // Whatever goes wrong past this point is the connection's end: there is nobody else to tell.
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = keepAliveMilliseconds;
    // A layer may take longer to arrive than node's default of five minutes; a stalled header may not.
    this.#server.requestTimeout = 0;
  }

  /** Starts to listen. Port 0 takes any free one. */
  async listen(hostname: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, hostname, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts open connections, frees the port and waits until no handler works any more. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    await Promise.all(this.#underway);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = await this.#options.intercept?.({ method: request.method ?? '', path: request.url ?? '' });
    if (fault === 'drop') {
      request.socket.destroy();
      return;
    }
    const reply = fault === undefined || fault === 'proceed' ? await this.#answer(request) : fault;
    await writeReply(request, response, reply);
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const exchange = toExchange(request);
    if (exchange === undefined)
      return { status: 400, body: 'The host or the path of the request is malformed.' };
    const answer = this.#options.handle(exchange).catch((error: unknown) => this.#options.refuse(error));
    this.#underway.add(answer);
    return answer.finally(() => this.#underway.delete(answer));
  }
}

function toExchange(request: IncomingMessage): Exchange | undefined {
  const host = request.headers.host ?? '';
  if (!plainHost.test(host)) return undefined;
  const target = splitTarget(request.url ?? '/');
  if (target === undefined) return undefined;
  return {
    ...target,
    method: request.method ?? 'GET',
    headers: request.headers,
    body: request,
    origin: `${schemeOf(request.headers)}://${host}`,
    host,
  };
}

/**
 * A proxy that ends TLS says so in this header. The Azure clients only take https URLs, and reach a loopback
 * emulator through a policy that rewrites the scheme and sets the header too.
 */
function schemeOf(headers: IncomingHttpHeaders): 'http' | 'https' {
  return headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
}

function splitTarget(target: string): Pick<Exchange, 'path' | 'query'> | undefined {
  const queryAt = target.indexOf('?');
  const path = decoded(queryAt < 0 ? target : target.slice(0, queryAt));
  const query = new URLSearchParams(queryAt < 0 ? '' : target.slice(queryAt));
  return path === undefined ? undefined : { path, query };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

async function writeReply(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const { body } = reply;
  response.statusCode = reply.status;
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  if (body instanceof Readable) {
    await pipeline(body, response);
    return;
  }
  // A HEAD answer tells the length of the body it leaves out; 204 has neither.
  if (reply.status !== 204 && !response.hasHeader('content-length')) {
    response.setHeader('content-length', Buffer.byteLength(body ?? ''));
  }
  response.end(request.method === 'HEAD' ? undefined : body);
}
