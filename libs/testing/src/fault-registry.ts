import { once } from 'node:events';
import { createServer, type IncomingMessage, request as forward, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { RegistryHost } from '@pratique/contracts';

/**
 * What goes wrong with a request.
 *
 * - `throttled`, `throttled-unsaid`: 429, with `Retry-After: 1` and without
 * - `error`: 500
 * - `reset`: the connection breaks: in the middle of the answer, or of the request where that has the bytes
 * - `short`: the answer is whole by its headers and lacks its last byte
 * - `wrong`: one bit of the answer is another
 * - `silent`: no answer
 * - `stalled`: half of the answer, and nothing more
 * - `expired`: the token is taken for none
 * - `redirected`: to another host, which has no such thing
 */
export type FaultKind =
  | 'throttled'
  | 'throttled-unsaid'
  | 'error'
  | 'reset'
  | 'short'
  | 'wrong'
  | 'silent'
  | 'stalled'
  | 'expired'
  | 'redirected';

export interface Fault {
  kind: FaultKind;
  method: string;
  path: RegExp;
  /** How often; default once. */
  times?: number;
}

/** A real registry behind a door that sometimes fails, as networks, proxies and registries do. */
export interface FaultRegistry {
  host: RegistryHost;
  /** From now on these go wrong, and nothing else. */
  fail(...faults: Fault[]): void;
  /** How many requests have gone wrong. */
  faulted(): number;
  close(): Promise<void>;
}

/** Starts a door before a registry that speaks plain HTTP on this machine. */
export async function startFaultRegistry(behind: string): Promise<FaultRegistry> {
  let faults: (Fault & { left: number })[] = [];
  let faulted = 0;
  const server = createServer((request, response) => {
    const fault = faults.find(
      ({ left, method, path }) => left > 0 && method === request.method && path.test(request.url ?? ''),
    );
    if (fault !== undefined) {
      fault.left -= 1;
      faulted += 1;
    }
    void pass({ request, response, behind, kind: fault?.kind }).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: RegistryHost.parse(`127.0.0.1:${(server.address() as AddressInfo).port}`),
    fail: (...next) => {
      faults = next.map((fault) => ({ ...fault, left: fault.times ?? 1 }));
      faulted = 0;
    },
    faulted: () => faulted,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Passage {
  request: IncomingMessage;
  response: ServerResponse;
  behind: string;
  kind: FaultKind | undefined;
}

const refusals: Partial<Record<FaultKind, { status: number; headers?: Record<string, string> }>> = {
  throttled: { status: 429, headers: { 'retry-after': '1' } },
  'throttled-unsaid': { status: 429 },
  error: { status: 500 },
  // A port that nobody listens on.
  redirected: { status: 307, headers: { location: 'http://127.0.0.1:1/elsewhere' } },
};

async function pass(passage: Passage): Promise<void> {
  const { request, response, kind } = passage;
  const carriesBytes = request.method === 'PUT' || request.method === 'PATCH';
  if (kind === 'reset' && carriesBytes) {
    request.once('data', () => request.destroy());
    return;
  }
  const body = await buffer(request);
  const refusal = kind && refusals[kind];
  if (refusal !== undefined) {
    response.writeHead(refusal.status, { 'content-length': '0', ...refusal.headers }).end();
    return;
  }
  if (kind === 'silent') return;
  const answer = await ask(passage, body);
  reply(response, { answer, bytes: await buffer(answer), kind });
}

async function ask({ request, behind, kind }: Passage, body: Buffer): Promise<IncomingMessage> {
  const { authorization, ...headers } = request.headers;
  const passed = authorization !== undefined && kind !== 'expired' ? { ...headers, authorization } : headers;
  const asked = forward(`http://${behind}${request.url ?? ''}`, {
    method: request.method ?? 'GET',
    headers: { ...passed, connection: 'close' },
  });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

interface Reply {
  answer: IncomingMessage;
  bytes: Buffer;
  kind: FaultKind | undefined;
}

function reply(response: ServerResponse, { answer, bytes, kind }: Reply): void {
  const { connection: _, 'transfer-encoding': __, ...headers } = answer.headers;
  const sent = kind === 'short' ? bytes.subarray(0, -1) : kind === 'wrong' ? flipped(bytes) : bytes;
  // An answer to HEAD, and 204, tell of a body that does not come.
  const bodiless = bytes.length === 0;
  response.writeHead(answer.statusCode ?? 500, {
    ...headers,
    ...(!bodiless && { 'content-length': String(sent.length) }),
  });
  const half = sent.subarray(0, Math.floor(sent.length / 2));
  if (kind === 'reset') response.write(half, () => response.destroy());
  else if (kind === 'stalled') response.write(half);
  else response.end(sent);
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const last = copy.length - 1;
  if (last >= 0) copy[last] = (copy[last] ?? 0) ^ 1;
  return copy;
}
