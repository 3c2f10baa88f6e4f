import { type ContainerRegistryManagementClient, restorePoller } from '@azure/arm-containerregistry';
import { z } from 'zod';
import type { ImportStates } from './import-states.js';

/** The SDK's stored poller, as far as it says where Azure is asked; it holds no part of the request's body. */
const StoredPoller = z.object({ state: z.object({ config: z.object({ operationLocation: z.url() }) }) });

/** As the SDK hands it out; its own type is not exported by the package that we name. */
type ImportPoller = ReturnType<ContainerRegistryManagementClient['registries']['importImage']>;

export interface FollowedImport {
  client: ContainerRegistryManagementClient;
  states: ImportStates;
  key: string;
  /** Azure Resource Manager as the client knows it: nobody else is asked with its token. */
  endpoint: string;
  begin: () => ImportPoller;
  signal: AbortSignal;
}

/** Waits for the end of an import: for the one that was begun before a restart, where there is one, else for a new one. */
export async function followImport(followed: FollowedImport): Promise<void> {
  const { states, key } = followed;
  const stored = await states.load(key);
  if (stored !== undefined && (await resumed(followed, stored))) return;
  await begun(followed);
}

async function begun({ begin, states, key, signal }: FollowedImport): Promise<void> {
  const poller = begin();
  await poller.submitted();
  await note(states, key, await poller.serialize());
  await poller.pollUntilDone({ abortSignal: signal });
}

/** False when Azure no longer knows the operation, or what was stored is not one: then nobody can say how it ended. */
async function resumed({ client, signal, endpoint }: FollowedImport, stored: string): Promise<boolean> {
  if (!isOperationAt(endpoint, stored)) return false;
  const options = { abortSignal: signal };
  try {
    await restorePoller(
      client,
      stored,
      client.registries.importImage.bind(client.registries),
      options,
    ).pollUntilDone(options);
    return true;
  } catch (error) {
    if (isForgotten(error)) return false;
    throw error;
  }
}

function isOperationAt(endpoint: string, stored: string): boolean {
  const poller = StoredPoller.safeParse(parseJson(stored));
  return poller.success && new URL(poller.data.state.config.operationLocation).origin === endpoint;
}

/** An import that is not noted can be begun again: the same digest twice does no harm. */
async function note(states: ImportStates, key: string, state: string): Promise<void> {
  try {
    await states.save(key, state);
  } catch {
    // A full disk is no reason to copy nothing.
  }
}

function isForgotten(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'statusCode' in error && error.statusCode === 404;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
