import { ContainerRegistryManagementClient, type ImportImageParameters } from '@azure/arm-containerregistry';
import type { TokenCredential } from '@azure/identity';
import type { Digest, RepositoryName, Tag } from '@pratique/contracts';
import { AcrImportError } from './acr-import-error.js';
import { classifyArmFailure } from './classify-arm-failure.js';
import { followImport } from './follow-import.js';
import { type ImportStates, importStatesInMemory } from './import-states.js';
import { armEndpointFor } from './loopback-arm-endpoint.js';

/** Where an import reads: by host with credentials of its own, or by resource id as the importing identity. */
export type ImportSource =
  { registryUri: string; credentials?: { username?: string; password: string } } | { resourceId: string };

export interface ImportRequest {
  source: ImportSource;
  repository: RepositoryName;
  /** Always by digest: a tag that moves during an import by tag leaves the target with a tag to nothing. */
  digest: Digest;
  /** Tags to set at the target, whatever they name now. */
  targets?: readonly { repository: RepositoryName; tag: Tag }[];
  /** Target repositories to import into without a tag. */
  untagged?: readonly RepositoryName[];
  signal?: AbortSignal | undefined;
}

export interface AcrImporterOptions {
  /** Needs the role Container Registry Data Importer and Data Reader at the target. */
  credential: TokenCredential;
  /** Of the target: `/subscriptions/…/registries/…`. */
  resourceId: string;
  /** Azure Resource Manager of another cloud, or an emulator on this machine; Azure's public cloud by default. */
  armEndpoint?: string;
  /** Milliseconds that one import may take (10 minutes). */
  deadlineMs?: number;
  /** Times that the client asks again by itself after 429 and 5xx (2), before the caller hears of it. */
  retries?: number;
  /** Where imports under way are noted, for a successor of this process; in memory by default. */
  states?: ImportStates;
}

const publicCloud = 'https://management.azure.com';
// Typical images take seconds, large ones a few minutes; what takes longer than this usually hangs for an hour
// (https://github.com/Azure/azure-sdk-for-python/issues/31579).
const defaultDeadlineMs = 10 * 60 * 1000;
const defaultRetries = 2;

/**
 * Has an Azure container registry fetch an image itself, so that no byte passes through Pratique.
 * https://learn.microsoft.com/azure/container-registry/container-registry-import-images
 *
 * Children of an index come along, referrers do not: see `importImage`. The import is not verified here.
 */
export class AcrImporter {
  readonly #client: ContainerRegistryManagementClient;
  readonly #target: { resourceGroup: string; registryName: string };
  readonly #deadlineMs: number;
  readonly #endpoint: string;
  readonly #states: ImportStates;

  constructor(options: AcrImporterOptions) {
    const { subscriptionId, ...target } = parseResourceId(options.resourceId);
    const { endpoint, additionalPolicies } = armEndpointFor(options.armEndpoint ?? publicCloud);
    // An emulator stands for Azure's public cloud, so tokens are for that.
    const audience = additionalPolicies.length > 0 ? publicCloud : endpoint;
    this.#target = target;
    this.#endpoint = new URL(endpoint).origin;
    this.#states = options.states ?? importStatesInMemory();
    this.#deadlineMs = options.deadlineMs ?? defaultDeadlineMs;
    this.#client = new ContainerRegistryManagementClient(options.credential, subscriptionId, {
      endpoint,
      additionalPolicies,
      credentials: { scopes: [`${audience}/.default`] },
      retryOptions: { maxRetries: options.retries ?? defaultRetries },
    });
  }

  /**
   * Resolves when the registry says that the import is done. Importing the same digest again is harmless. An import that a
   * process before this one began is waited for.
   *
   * @throws AcrImportError, or the signal's reason when it was aborted. An abort ends the waiting, not the import
   */
  async import(request: ImportRequest): Promise<void> {
    const { signal } = request;
    signal?.throwIfAborted();
    const deadline = AbortSignal.timeout(this.#deadlineMs);
    const key = keyOf(this.#target, request);
    try {
      await this.#follow(request, key, signal === undefined ? deadline : AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal?.throwIfAborted();
      const failure = deadline.aborted ? this.#timedOut() : classifyArmFailure(error);
      // Where only the answer is missing, the import may go on: the next attempt asks for it again.
      if (!isUnderWay(failure)) await this.#states.forget(key);
      throw failure;
    }
    await this.#states.forget(key);
  }

  async #follow(request: ImportRequest, key: string, signal: AbortSignal): Promise<void> {
    const { resourceGroup, registryName } = this.#target;
    const { registries } = this.#client;
    await followImport({
      client: this.#client,
      states: this.#states,
      key,
      endpoint: this.#endpoint,
      begin: () =>
        registries.importImage(resourceGroup, registryName, parametersOf(request), { abortSignal: signal }),
      signal,
    });
  }

  #timedOut(): AcrImportError {
    const seconds = Math.round(this.#deadlineMs / 1000);
    return new AcrImportError(`The registry did not finish the import within ${seconds} s.`, {
      code: 'timed-out',
    });
  }
}

/** What makes two imports the same; the source's credentials, which may be new after a restart, do not. */
function keyOf(target: object, { repository, digest, targets = [], untagged = [] }: ImportRequest): string {
  return JSON.stringify([target, repository, digest, targets, untagged]);
}

function isUnderWay(failure: unknown): boolean {
  if (!(failure instanceof AcrImportError)) return false;
  return failure.code === 'unavailable' || failure.status === 429;
}

function parametersOf({
  source,
  repository,
  digest,
  targets,
  untagged,
}: ImportRequest): ImportImageParameters {
  return {
    source: { ...source, sourceImage: `${repository}@${digest}` },
    targetTags: (targets ?? []).map((target) => `${target.repository}:${target.tag}`),
    untaggedTargetRepositories: [...(untagged ?? [])],
    mode: 'Force',
  };
}

const resourceIdGrammar =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerRegistry\/registries\/([^/]+)$/i;

function parseResourceId(resourceId: string): {
  subscriptionId: string;
  resourceGroup: string;
  registryName: string;
} {
  const [, subscriptionId, resourceGroup, registryName] = resourceIdGrammar.exec(resourceId) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || registryName === undefined)
    throw new TypeError(`"${resourceId}" is not the resource id of a container registry`);
  return { subscriptionId, resourceGroup, registryName };
}
