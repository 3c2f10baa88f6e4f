import { Digest, type RepositoryName, Tag } from '@pratique/contracts';
import {
  type CallOptions,
  OciError,
  readBounded,
  readPages,
  type RegistryClient,
  repositoryScope,
} from '@pratique/oci';
import { z } from 'zod';
import { QuarantineDetails } from './quarantine-details.js';

/** The states that Azure documents; the one before a verdict has no documented name. */
type Verdict = 'Passed' | 'Failed';

export interface QuarantineState {
  verdict: 'passed' | 'failed' | 'pending';
  /** The registry's own words for it. */
  state: string | undefined;
  details: string | undefined;
}

/** `unchanged`: the registry had this state already. `gone`: the image was deleted meanwhile. */
export type QuarantineChange = 'changed' | 'unchanged' | 'gone';

const maxAttributesBytes = 256 * 1024;

const changeableAttributes = z
  .object({ quarantineState: z.string().nullish(), quarantineDetails: z.string().nullish() })
  .optional();

const Attributes = z.object({ manifest: z.object({ changeableAttributes }) });

const AttributesPage = z.object({
  manifests: z
    .array(z.object({ digest: Digest, tags: z.array(Tag).nullish(), changeableAttributes }))
    .nullish(),
});

// What Azure gives at most.
const pageSize = 100;

/**
 * The quarantine of an Azure container registry, an attribute of each manifest.
 * https://github.com/Azure/acr/blob/main/docs/preview/quarantine/readme.md
 *
 * `@azure/container-registry` leaves these attributes out on purpose, so the requests are written here. Reading takes the
 * role AcrQuarantineReader, changing AcrQuarantineWriter. An index and its children have a state each.
 */
export class AcrQuarantine {
  constructor(private readonly client: RegistryClient) {}

  /** Where an image stands; undefined when the registry has no such image. */
  async state(
    repository: RepositoryName,
    digest: Digest,
    { signal }: CallOptions = {},
  ): Promise<QuarantineState | undefined> {
    const operation = 'read-quarantine';
    const response = await this.client.send({
      operation,
      method: 'GET',
      path: attributesPath(repository, digest),
      scopes: [repositoryScope(repository, 'pull')],
      expect: [200, 404],
      signal,
    });
    const bytes = await readBounded(response.body, { maxBytes: maxAttributesBytes, operation });
    return response.status === 404 ? undefined : readState(bytes);
  }

  /**
   * Every manifest of a repository with its state, in the registry's order: indexes, their children and what is attached to
   * them alike. A repository that does not exist has none.
   * https://learn.microsoft.com/rest/api/containerregistry/manifests/get-list
   */
  async *list(repository: RepositoryName, { signal }: CallOptions = {}): AsyncGenerator<ListedManifest> {
    const operation = 'list-quarantine';
    const pages = readPages(this.client, {
      operation,
      method: 'GET',
      path: `/acr/v1/${repository}/_manifests?n=${pageSize}`,
      scopes: [repositoryScope(repository, 'metadata_read', 'pull')],
      expect: [200, 404],
      signal,
    });
    for await (const { response, bytes } of pages) {
      if (response.status === 404) return;
      const page = AttributesPage.safeParse(parseJson(bytes));
      if (!page.success) throw notUnderstood(operation, page.error);
      for (const { digest, tags, changeableAttributes: attributes } of page.data.manifests ?? [])
        yield { digest, tags: tags ?? [], ...describeState(attributes) };
    }
  }

  /** Makes an image pullable for everybody who may pull from its repository. */
  async release(
    repository: RepositoryName,
    digest: Digest,
    change: VerdictOptions,
  ): Promise<QuarantineChange> {
    return await this.#decide('Passed', { ...change, repository, digest });
  }

  /** Keeps an image in quarantine, with the reason. */
  async retain(
    repository: RepositoryName,
    digest: Digest,
    change: VerdictOptions,
  ): Promise<QuarantineChange> {
    return await this.#decide('Failed', { ...change, repository, digest });
  }

  // Read first: writing Passed once more could announce the image once more.
  async #decide(
    verdict: Verdict,
    { repository, digest, details, signal }: VerdictOptions & { repository: RepositoryName; digest: Digest },
  ): Promise<QuarantineChange> {
    const current = await this.state(repository, digest, { signal });
    if (current === undefined) return 'gone';
    if (current.state === verdict) return 'unchanged';
    const quarantineDetails = JSON.stringify(QuarantineDetails.parse(details));
    const response = await this.client.send({
      operation: 'write-quarantine',
      method: 'PATCH',
      path: attributesPath(repository, digest),
      scopes: [repositoryScope(repository, 'pull', 'push')],
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ quarantineState: verdict, quarantineDetails })),
      expect: [200, 404],
      signal,
    });
    await response.body.dump();
    return response.status === 404 ? 'gone' : 'changed';
  }
}

/** One manifest of a repository, with its state. */
export interface ListedManifest extends QuarantineState {
  digest: Digest;
  tags: Tag[];
}

export interface VerdictOptions extends CallOptions {
  details: QuarantineDetails;
}

function attributesPath(repository: RepositoryName, digest: Digest): string {
  return `/acr/v1/${repository}/_manifests/${digest}`;
}

function readState(bytes: Buffer): QuarantineState {
  const answer = Attributes.safeParse(parseJson(bytes));
  if (!answer.success) throw notUnderstood('read-quarantine', answer.error);
  return describeState(answer.data.manifest.changeableAttributes);
}

function describeState(attributes: z.infer<typeof changeableAttributes>): QuarantineState {
  const state = attributes?.quarantineState ?? undefined;
  return { verdict: verdictOf(state), state, details: attributes?.quarantineDetails ?? undefined };
}

function notUnderstood(operation: string, cause: unknown): OciError {
  return new OciError(
    'The registry described the manifest in a way that is not understood; is it an Azure container registry?',
    { code: 'protocol-violation', operation, cause },
  );
}

// Whatever is neither of the two documented states is a wait: only Passed opens.
function verdictOf(state: string | undefined): QuarantineState['verdict'] {
  if (state === 'Passed') return 'passed';
  return state === 'Failed' ? 'failed' : 'pending';
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
