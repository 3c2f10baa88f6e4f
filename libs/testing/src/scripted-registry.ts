import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { RegistryHost } from '@pratique/contracts';

/** What came in, as it came in. */
export interface HeardRequest {
  method: string;
  /** With the query. */
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface ScriptedReply {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  /** Breaks the connection after so many bytes of the body. */
  cutAfter?: number;
}

export interface ScriptedExchange {
  method: string;
  /** Path and query: the whole of it, or an expression. */
  path: string | RegExp;
  reply: ScriptedReply | ((request: HeardRequest) => ScriptedReply);
  /** How often it is used; default once. */
  times?: number;
}

export interface ScriptedRegistry {
  host: RegistryHost;
  /** Every request in order, also those that no exchange was there for (they are answered with 501). */
  heard: HeardRequest[];
  /** The requests as `METHOD path`, for short assertions. */
  lines(): string[];
  add(...exchanges: ScriptedExchange[]): void;
  close(): Promise<void>;
}

/**
 * A registry that says what a test tells it to, over a real socket: for answers that no honest registry gives.
 * The first exchange that matches and is not used up answers.
 */
export async function startScriptedRegistry(...script: ScriptedExchange[]): Promise<ScriptedRegistry> {
  const heard: HeardRequest[] = [];
  const exchanges = script.map(startCounting);
  const server = createServer((request, response) => {
    void answer(request, response, { heard, exchanges });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: RegistryHost.parse(`127.0.0.1:${(server.address() as AddressInfo).port}`),
    heard,
    lines: () => heard.map(({ method, path }) => `${method} ${path}`),
    add: (...more) => exchanges.push(...more.map(startCounting)),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface CountedExchange extends ScriptedExchange {
  left: number;
}

function startCounting(exchange: ScriptedExchange): CountedExchange {
  return { ...exchange, left: exchange.times ?? 1 };
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  { heard, exchanges }: { heard: HeardRequest[]; exchanges: CountedExchange[] },
): Promise<void> {
  // A client that gives up in the middle of its request has said all it wanted to.
  const body = await buffer(incoming).catch(() => Buffer.alloc(0));
  const request = {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    body,
  };
  heard.push(request);
  const exchange = exchanges.find((candidate) => candidate.left > 0 && matches(candidate, request));
  if (exchange === undefined) {
    send(response, { status: 501, body: `no exchange for ${request.method} ${request.path}` });
    return;
  }
  exchange.left -= 1;
  send(response, typeof exchange.reply === 'function' ? exchange.reply(request) : exchange.reply);
}

function matches({ method, path }: ScriptedExchange, request: HeardRequest): boolean {
  return (
    method === request.method && (typeof path === 'string' ? path === request.path : path.test(request.path))
  );
}

function send(response: ServerResponse, reply: ScriptedReply): void {
  const body = Buffer.from((reply.body ?? '') as string);
  response.writeHead(reply.status, { 'content-length': String(body.length), ...reply.headers });
  if (reply.cutAfter === undefined) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, reply.cutAfter), () => response.destroy());
}
