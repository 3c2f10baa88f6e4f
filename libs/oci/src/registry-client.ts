import type { Readable } from 'node:stream';
import type { Digest, RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import type { Dispatcher } from 'undici';
import type { Descriptor } from './descriptor.js';
import { listReferrers } from './list-referrers.js';
import { listTags } from './list-tags.js';
import { HostManners } from './manners/host-manners.js';
import type { Manifest } from './manifest.js';
import { mountBlob } from './mount-blob.js';
import type { OciError } from './oci-error.js';
import { getBlob, getUncheckedBlob, hasBlob } from './read-blob.js';
import { createRegistryAgent } from './registry-agent.js';
import { RegistryAuthorization } from './registry-authorization.js';
import {
  type RegistryRequest,
  type RegistryResponse,
  RegistryTransport,
  type WholeResponse,
} from './registry-transport.js';
import { repositoryScope } from './token-scopes.js';
import type { TokenSource } from './token-source.js';
import {
  deleteManifest,
  getManifest,
  putManifest,
  type PutManifestResult,
  type Reference,
  resolveManifest,
} from './transfer-manifest.js';
import { uploadBlob } from './upload-blob.js';
import { type UploadLimits, UploadSizes } from './upload-limits.js';

export interface RegistryClientOptions {
  host: RegistryHost;
  /** For registries on the local machine and in tests. */
  plainHttp?: boolean;
  tokens: TokenSource;
  /** Other hosts that may hand out this registry's tokens, such as `auth.docker.io`. */
  authHosts?: readonly string[];
  /** `read`: nothing is written with it, and no token that could is ever asked for. Default `write`. */
  access?: 'read' | 'write';
  /** Shared connections; whoever made them closes them. Without, the client has its own. */
  agent?: Dispatcher;
  upload?: Partial<UploadLimits>;
  /** Milliseconds until an answer starts (60 s) and between two pieces of a body (60 s). */
  headersTimeoutMs?: number;
  bodyTimeoutMs?: number;
  /** How the registry is treated, shared by all clients of the same host. Without, the client has manners of its own. */
  manners?: HostManners;
  /** Milliseconds from which the waits between repetitions grow (200), where the client has manners of its own. */
  retryDelayMs?: number;
}

/** How a call may be ended before its time. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/**
 * One registry, by the distribution specification. https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 *
 * Every method fails with an {@link OciError}, or with the signal's reason when it was aborted.
 */
export class RegistryClient {
  readonly host: RegistryHost;
  /** `https://host`, or `http://host` for a registry on the local machine. */
  readonly origin: string;
  private readonly transport: RegistryTransport;
  private readonly sizes: UploadSizes;
  private readonly ownAgent: Dispatcher | undefined;

  constructor(options: RegistryClientOptions) {
    this.host = options.host;
    this.sizes = new UploadSizes(options.upload);
    this.ownAgent = options.agent === undefined ? createRegistryAgent() : undefined;
    const origin = new URL(`${options.plainHttp === true ? 'http' : 'https'}://${options.host}`);
    this.origin = origin.origin;
    const { tokens, authHosts = [] } = options;
    const readOnly = options.access === 'read';
    this.transport = new RegistryTransport({
      origin,
      dispatcher: options.agent ?? (this.ownAgent as Dispatcher),
      authorization: new RegistryAuthorization({ origin, tokens, authHosts, readOnly }),
      headersTimeoutMs: options.headersTimeoutMs ?? 60_000,
      bodyTimeoutMs: options.bodyTimeoutMs ?? 60_000,
      manners:
        options.manners ?? new HostManners(options.host, { retryDelayMs: options.retryDelayMs ?? 200 }),
      readOnly,
    });
  }

  /** What a tag or digest names now; undefined when there is nothing. */
  async resolve(
    repository: RepositoryName,
    reference: Reference,
    { signal }: CallOptions = {},
  ): Promise<Descriptor | undefined> {
    return await resolveManifest(this.transport, { repository, reference, signal });
  }

  /** A manifest, at most 4 MiB, its digest checked. */
  async manifest(
    repository: RepositoryName,
    reference: Reference,
    { signal }: CallOptions = {},
  ): Promise<Manifest> {
    return await getManifest(this.transport, { repository, reference, signal });
  }

  /** Stores a manifest; `bytes` are sent as they are. */
  async putManifest(
    repository: RepositoryName,
    reference: Reference,
    { bytes, mediaType, signal }: { bytes: Buffer; mediaType: string } & CallOptions,
  ): Promise<PutManifestResult> {
    return await putManifest(this.transport, { repository, reference, bytes, mediaType, signal });
  }

  /** Deletes a manifest, or only a tag; false when there was nothing. */
  async deleteManifest(
    repository: RepositoryName,
    reference: Reference,
    { signal }: CallOptions = {},
  ): Promise<boolean> {
    return await deleteManifest(this.transport, { repository, reference, signal });
  }

  /** A blob whose size and digest have been checked when the stream ends; if they are wrong it fails instead. */
  async blob(
    repository: RepositoryName,
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    { signal }: CallOptions = {},
  ): Promise<Readable> {
    return await getBlob(this.transport, { repository, descriptor, signal });
  }

  /** A blob for a reader that checks it elsewhere, where it is looked at: until a `BlobCheck` has ended it can be anything. */
  async uncheckedBlob(
    repository: RepositoryName,
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    { signal }: CallOptions = {},
  ): Promise<Readable> {
    return await getUncheckedBlob(this.transport, { repository, descriptor, signal });
  }

  async hasBlob(repository: RepositoryName, digest: Digest, { signal }: CallOptions = {}): Promise<boolean> {
    return await hasBlob(this.transport, { repository, digest, signal });
  }

  /** Takes a blob over from another repository of this registry; false when the registry did not. */
  async mountBlob(
    repository: RepositoryName,
    digest: Digest,
    { from, signal }: { from: RepositoryName } & CallOptions,
  ): Promise<boolean> {
    return await mountBlob(this.transport, { repository, digest, from, signal });
  }

  /** Uploads a blob; the source is used up or destroyed in every case. */
  async uploadBlob(
    repository: RepositoryName,
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    { source, signal }: { source: Readable | Buffer } & CallOptions,
  ): Promise<void> {
    await uploadBlob(this.transport, { repository, descriptor, source, sizes: this.sizes, signal });
  }

  /** Every tag of a repository, page by page. */
  tags(repository: RepositoryName, options: CallOptions & { maxPages?: number } = {}): AsyncIterable<Tag> {
    return listTags(this.transport, { repository, ...options });
  }

  /** The artifacts that name a manifest as their subject, by the API or the fallback tag. */
  async referrers(
    repository: RepositoryName,
    digest: Digest,
    { signal }: CallOptions = {},
  ): Promise<Descriptor[]> {
    return await listReferrers(this.transport, { repository, digest, signal });
  }

  /**
   * The right to pull from a repository as an `Authorization` header, for somebody else who is to read it: a scanner. With a
   * registry that hands out tokens it is one for that repository alone; undefined where none is needed.
   */
  async pullAuthorization(
    repository: RepositoryName,
    { signal }: CallOptions = {},
  ): Promise<string | undefined> {
    const operation = 'get-manifest';
    return await this.transport.authorizationFor({
      operation,
      scopes: [repositoryScope(repository, 'pull')],
      signal,
    });
  }

  /** Any other request of this registry, such as those only one kind of registry has; same rules for tokens and errors. */
  async send(request: RegistryRequest): Promise<RegistryResponse> {
    return await this.transport.send(request);
  }

  /** The same, with the whole body, which is asked for again when it breaks off. @throws OciError `limit-exceeded` beyond `maxBytes` */
  async read(request: RegistryRequest, maxBytes: number): Promise<WholeResponse> {
    return await this.transport.read(request, maxBytes);
  }

  /**
   * Waits before something is repeated that a single request is not: a transfer that broke off. False, at once, where it should
   * not be: the failure is not a passing one, there were enough attempts, or the registry asks for more patience than we have.
   */
  async waitToRepeat(
    error: OciError,
    { attempt, signal }: { attempt: number } & CallOptions,
  ): Promise<boolean> {
    const { manners } = this.transport;
    const delay = manners.retryAfter({ error, attempt, repeatable: true });
    if (delay === undefined) return false;
    await manners.clock.wait(delay, signal);
    return true;
  }

  /** Ends the connections, unless they are shared. */
  async close(): Promise<void> {
    await this.ownAgent?.close();
  }
}
