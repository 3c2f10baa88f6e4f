import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Digest, digestOf, RegistryHost, RepositoryName } from '@pratique/contracts';
import { anonymousTokens, type BuiltImage, RegistryClient } from '@pratique/oci';
import { Dispatcher } from 'undici';
import type { RandomOrder } from './random-order.js';

interface Stored {
  bytes: Buffer;
  mediaType: string;
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: Buffer;
}

/**
 * A registry without sockets: it answers the real client's requests in an order that chance decides, each of them in one
 * instant. It knows one repository, and no rights.
 */
export class MemoryRegistry extends Dispatcher {
  readonly tags = new Map<string, Digest>();
  readonly client: RegistryClient;
  /** Manifests that were put under a tag, whether it named them already or not. */
  puts = 0;
  readonly #manifests = new Map<string, Stored>();
  readonly #blobs = new Map<string, Buffer>();

  constructor(
    name: string,
    private readonly order: RandomOrder,
  ) {
    super();
    const host = RegistryHost.parse(`${name}.example`);
    this.client = new RegistryClient({ host, tokens: anonymousTokens(), agent: this, retryDelayMs: 0 });
  }

  /** What somebody pushes, in one instant. */
  push(tag: string, { root, manifests, blobs }: BuiltImage): void {
    for (const { descriptor, bytes } of blobs) this.#blobs.set(descriptor.digest, bytes);
    for (const { descriptor, bytes } of manifests)
      this.#manifests.set(descriptor.digest, { bytes, mediaType: descriptor.mediaType });
    this.tags.set(tag, root.digest);
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    void this.#answer(options, handler);
    return true;
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }

  async #answer(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): Promise<void> {
    const controller = new Controller();
    handler.onRequestStart?.(controller, {});
    const body = await bytesOf(options.body);
    await this.order.turn();
    const {
      status,
      headers = {},
      body: answer,
    } = this.#handle(options.method, options.path, { options, body });
    await this.order.turn();
    if (controller.aborted) {
      handler.onResponseError?.(controller, controller.reason ?? new Error('aborted'));
      return;
    }
    handler.onResponseStart?.(controller, status, headers, '');
    if (answer !== undefined && options.method !== 'HEAD') handler.onResponseData?.(controller, answer);
    handler.onResponseEnd?.(controller, {});
  }

  #handle(
    method: string,
    path: string,
    { options, body }: { options: Dispatcher.DispatchOptions; body: Buffer },
  ): Answer {
    const url = new URL(path, 'http://registry');
    const [, kind = '', reference = ''] =
      /\/(manifests|blobs|referrers|tags)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === 'manifests') return this.#manifest(method, reference, { options, body });
    if (kind === 'blobs') return this.#blob(method, reference, { url, body });
    if (kind === 'tags') return json({ tags: [...this.tags.keys()].sort() });
    return { status: 404 };
  }

  #manifest(
    method: string,
    reference: string,
    { options, body }: { options: Dispatcher.DispatchOptions; body: Buffer },
  ): Answer {
    const digest = reference.startsWith('sha256:') ? (reference as Digest) : this.tags.get(reference);
    if (method === 'PUT') return this.#put(reference, body, options);
    if (digest === undefined) return { status: 404 };
    if (method === 'DELETE') return { status: this.tags.delete(reference) ? 202 : 404 };
    const stored = this.#manifests.get(digest);
    if (stored === undefined) return { status: 404 };
    const headers = {
      'content-type': stored.mediaType,
      'content-length': String(stored.bytes.length),
      'docker-content-digest': digest,
    };
    return { status: 200, headers, body: stored.bytes };
  }

  #put(reference: string, bytes: Buffer, { headers }: Dispatcher.DispatchOptions): Answer {
    const digest = digestOf(bytes);
    const mediaType = (headers as Record<string, string>)['content-type'] ?? '';
    this.#manifests.set(digest, { bytes, mediaType });
    if (!reference.startsWith('sha256:')) {
      this.tags.set(reference, digest);
      this.puts += 1;
    }
    return { status: 201, headers: { 'docker-content-digest': digest } };
  }

  #blob(method: string, reference: string, { url, body }: { url: URL; body: Buffer }): Answer {
    if (method === 'POST') return { status: 202, headers: { location: `${url.pathname}session` } };
    if (method === 'PUT') {
      this.#blobs.set(url.searchParams.get('digest') ?? '', body);
      return { status: 201 };
    }
    const bytes = this.#blobs.get(reference);
    if (bytes === undefined) return { status: 404 };
    return { status: 200, headers: { 'content-length': String(bytes.length) }, body: bytes };
  }
}

export const repository = RepositoryName.parse('app');

class Controller implements Dispatcher.DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;

  abort(reason: Error): void {
    this.aborted = true;
    this.reason = reason;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }
}

function json(value: unknown): Answer {
  const body = Buffer.from(JSON.stringify(value));
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

async function bytesOf(body: Dispatcher.DispatchOptions['body']): Promise<Buffer> {
  if (body instanceof Readable) return Buffer.from(await text(body));
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}
