import { request } from 'undici';

import type { AcrEmulator } from '../acr-emulator.js';
import { sha256Of } from '../registry/image-names.js';
import { type ImageParts, imageManifest, type Manifest } from './image-manifests.js';

/** An answer with its body read. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** A request: `path` may be a whole URL. */
export interface Sent {
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** A manifest as Azure's attributes API describes it. */
interface Attributes {
  readonly digest: string;
  readonly changeableAttributes: { readonly quarantineState: string };
}

/** What tests read out of the JSON bodies of either API. Each body has only some of it. */
interface JsonBody {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly errors: readonly { readonly code: string }[];
  readonly error: { readonly code: string };
  readonly tags: readonly string[];
  readonly layers: readonly [{ readonly digest: string }];
  readonly manifest: Attributes;
  readonly manifests: readonly Attributes[];
}

export function json(answer: Answer): JsonBody {
  return JSON.parse(answer.body.toString('utf8')) as JsonBody;
}

/** The codes in an error body of the distribution specification. */
export function errorCodes(answer: Answer): string[] {
  return json(answer).errors.map(({ code }) => code);
}

/** Where the next page of a list is; empty on the last. */
export function nextPage({ headers }: Answer): string {
  return /^<([^>]+)>; rel="next"$/.exec(String(headers.link))?.[1] ?? '';
}

/** Sends one request (`GET /v2/`, or with a whole URL) without any authentication of its own. */
export async function send(registry: AcrEmulator, line: string, sent: Sent = {}): Promise<Answer> {
  const [method, path = ''] = line.split(' ');
  const url = path.startsWith('http') ? path : `http://${registry.host}${path}`;
  const answer = await request(url, {
    method: method as 'GET',
    headers: sent.headers ?? {},
    ...(sent.body === undefined ? {} : { body: sent.body }),
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: Buffer.from(await answer.body.arrayBuffer()),
  };
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

export function basic({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** Reads the parameters of a Bearer challenge. */
export function challengeOf({ headers }: Answer): {
  realm: string;
  service: string;
  scope?: string;
  error?: string;
} {
  const parameters = [...String(headers['www-authenticate']).matchAll(/(\w+)="([^"]*)"/g)];
  const {
    realm = '',
    service = '',
    ...more
  } = Object.fromEntries(parameters.map(([, name = '', value = '']) => [name, value])) as Partial<
    Record<string, string>
  >;
  return { realm, service, ...more };
}

/** A client that follows the 401 challenge with a user name and password, as docker's does. */
export class RegistryClient {
  constructor(
    readonly registry: AcrEmulator,
    readonly login: Login,
  ) {}

  async send(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    const refused = await send(this.registry, `${method} ${path}`, sent);
    if (refused.status !== 401) return refused;
    const { scope } = challengeOf(refused);
    const token = await this.token(scope === undefined ? [] : [scope]);
    return this.sendWith(token, `${method} ${path}`, sent);
  }

  /** Sends a request with a token for exactly these scopes. */
  async sendWithScopes(scopes: readonly string[], method: string, path: string): Promise<Answer> {
    return this.sendWith(await this.token(scopes), `${method} ${path}`);
  }

  /** An access token for scopes, by Basic credentials. */
  async token(scopes: readonly string[]): Promise<string> {
    const query = new URLSearchParams({ service: this.registry.host });
    for (const scope of scopes) query.append('scope', scope);
    const headers = { authorization: basic(this.login) };
    const answer = await send(this.registry, `GET /oauth2/token?${query.toString()}`, { headers });
    return json(expectStatus(answer, 200)).access_token;
  }

  async pushBlob(repository: string, bytes: Buffer): Promise<string> {
    const digest = sha256Of(bytes);
    const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`;
    expectStatus(await this.send('POST', path, { body: bytes }), 201);
    return digest;
  }

  putManifest(repository: string, reference: string, manifest: Manifest): Promise<Answer> {
    const headers = { 'content-type': manifest.mediaType };
    return this.send('PUT', `/v2/${repository}/manifests/${reference}`, { headers, body: manifest.bytes });
  }

  async mustPut(repository: string, reference: string, manifest: Manifest): Promise<void> {
    expectStatus(await this.putManifest(repository, reference, manifest), 201);
  }

  /** Pushes a one-layer image whose layer is `text`, and gives its manifest. */
  async pushImage(repository: string, reference: string, text: string): Promise<Manifest> {
    const manifest = imageManifest(await this.pushLayers(repository, text));
    await this.mustPut(repository, reference, manifest);
    return manifest;
  }

  /** Pushes config and layer of an image, for a manifest to refer to. */
  async pushLayers(repository: string, text: string): Promise<ImageParts> {
    const config = Buffer.from('{"architecture":"amd64","os":"linux"}');
    await this.pushBlob(repository, config);
    await this.pushBlob(repository, Buffer.from(text));
    return { config, layers: [Buffer.from(text)] };
  }

  private sendWith(token: string, line: string, sent: Sent = {}): Promise<Answer> {
    const headers = { ...sent.headers, authorization: `Bearer ${token}` };
    return send(this.registry, line, { ...sent, headers });
  }
}

/** For steps that only lead to what a test is about. */
function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Error(`Expected ${status}, got ${answer.status}: ${answer.body.toString('utf8')}`);
}
