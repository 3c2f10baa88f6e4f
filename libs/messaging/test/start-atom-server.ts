import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AtomEntities, type AtomReply, type AtomRequest } from './atom-entities.js';

export interface AtomServer {
  port: number;
  /** As of an emulator: the client is to leave TLS out. */
  connectionString: string;
  /** What was asked for, as `PUT registry-events`. */
  requests: string[];
  /** Answers every request like this, until it is told otherwise. */
  failWith(reply: AtomReply | undefined): void;
  close(): Promise<void>;
}

const keyName = 'RootManageSharedAccessKey';
const key = 'SAS_KEY_VALUE';
/** The token of Entra ID that is taken beside shared access signatures. */
export const entraToken = 'an-entra-token';

// Service Bus gives at most so many entries in one answer.
const pageSize = 100;

/** A stand-in for the administration API of Service Bus: ATOM over HTTP, with its authentication and its refusals. */
export async function startAtomServer(): Promise<AtomServer> {
  const entities = new AtomEntities();
  const requests: string[] = [];
  let failure: AtomReply | undefined;
  const server = createServer((request, response) => {
    void readText(request).then((xml) => {
      const url = new URL(request.url ?? '/', `http://${request.headers.host ?? ''}`);
      const atom = readRequest(request, url, xml);
      requests.push(`${atom.method} ${atom.path}`);
      const reply = refusal(request, url) ?? failure ?? entities.answer(atom);
      response.writeHead(reply.status, { 'content-type': 'application/atom+xml;type=entry;charset=utf-8' });
      response.end(writeReply(reply, { url, atom }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connectionString: `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=${keyName};SharedAccessKey=${key};UseDevelopmentEmulator=true;`,
    requests,
    failWith: (reply) => {
      failure = reply;
    },
    close: () => closed(server),
  };
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function readRequest(request: IncomingMessage, url: URL, xml: string): AtomRequest {
  return {
    method: request.method ?? '',
    path: decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, ''),
    update: request.headers['if-match'] === '*',
    xml,
    skip: Number(url.searchParams.get('$skip') ?? 0),
    top: Number(url.searchParams.get('$top') ?? pageSize),
  };
}

function refusal(request: IncomingMessage, url: URL): AtomReply | undefined {
  if (url.searchParams.get('api-version') === null) return { status: 400, detail: 'api-version is missing' };
  const authorization = request.headers.authorization ?? '';
  if (authorization === `Bearer ${entraToken}` || isSignature(authorization)) return undefined;
  return { status: 401, detail: 'SubCode=40100. Unauthorized : Unauthorized access. TrackingId:1' };
}

function isSignature(authorization: string): boolean {
  const text = /^SharedAccessSignature (.*)$/.exec(authorization)?.[1] ?? '';
  const fields = new Map(text.split('&').map((part) => part.split('=', 2) as [string, string]));
  const field = (name: string): string => fields.get(name) ?? '';
  // What is signed is the resource as it was written, in the client's own way of escaping it.
  const signed = `${field('sr')}\n${field('se')}`;
  const expected = createHmac('sha256', key).update(signed).digest('base64');
  return (
    field('skn') === keyName &&
    Number(field('se')) > Date.now() / 1000 &&
    decodeURIComponent(field('sig')) === expected
  );
}

function writeReply(reply: AtomReply, { url, atom }: { url: URL; atom: AtomRequest }): string {
  const { status, entries, detail } = reply;
  if (detail !== undefined) return `<Error><Code>${status}</Code><Detail>${detail}</Detail></Error>`;
  if (entries === undefined) return '';
  const written = entries.map(({ id, element, xml }) => {
    const namespaces =
      'xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"';
    return `<entry xmlns="http://www.w3.org/2005/Atom"><id>${url.origin}/${id}</id><content type="application/xml"><${element} ${namespaces}>${xml}</${element}></content></entry>`;
  });
  const isList = /\/Rules$/.test(atom.path);
  if (written.length === 1 && !isList) return written[0] ?? '';
  const next = new URL(url);
  next.searchParams.set('$skip', String(atom.skip + written.length));
  const link = isList && written.length === atom.top ? `<link rel="next" href="${escape(next.href)}"/>` : '';
  return `<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="${escape(url.href)}"/>${link}${written.join('')}</feed>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}
